"""The last touch on an office package (zip): fixed times, and the values of formulas.

openpyxl stamps the clock into every file and leaves formulas without values; after
sealing, the same content and `now` give the same bytes, and a preview shows the totals.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO

from service.moments import ZONE

_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"([^>]*)><f>([^<]*)</f><v\s*(?:/>|></v>)')
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")


def seal(package: bytes, now: datetime, shown: Sequence[Mapping[str, int | float]] = ()) -> bytes:
    """The package anew; `shown` holds, sheet by sheet, the value of each formula cell."""
    out = BytesIO()
    stamp = now.astimezone(ZONE).timetuple()[:6]
    with (
        zipfile.ZipFile(BytesIO(package)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            member = _member(entry.filename, old.read(entry), now, shown)
            info = zipfile.ZipInfo(entry.filename, stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            new.writestr(info, member)
    return out.getvalue()


def _member(
    name: str, content: bytes, now: datetime, shown: Sequence[Mapping[str, int | float]]
) -> bytes:
    if name == "docProps/core.xml":
        stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
        return _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
    sheet = _SHEET.fullmatch(name)
    if sheet and int(sheet[1]) <= len(shown) and shown[int(sheet[1]) - 1]:
        return _with_values(content, shown[int(sheet[1]) - 1])
    return content


def _with_values(content: bytes, values: Mapping[str, int | float]) -> bytes:
    def filled(found: re.Match[bytes]) -> bytes:
        value = str(values[found[1].decode()]).encode()
        return b'<c r="%b"%b><f>%b</f><v>%b</v>' % (found[1], found[2], found[3], value)

    return _FORMULA.sub(filled, content)
