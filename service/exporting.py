"""Everything that is recorded, as CSV and JSON (导出). Pure: rows in, bytes out.

CSV bears a byte order mark, so that Excel shows Chinese; a text that Excel would take for a
formula gets an apostrophe before it (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_JSON_COLUMNS = ("message", "read", "args", "to", "cc", "deadlines", "value")


def csv_bytes(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """The rows as a table that Excel opens, its heading also where there is no row."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_cell(row[c]) for c in columns] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def json_bytes(tables: Mapping[str, Sequence[Row]]) -> bytes:
    """All tables in one object, what was kept as JSON as JSON again."""
    plain = {name: [_parsed(row) for row in rows] for name, rows in tables.items()}
    return json.dumps(plain, ensure_ascii=False, indent=1).encode()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _parsed(row: Row) -> dict[str, Any]:
    return {k: _json(v) if k in _JSON_COLUMNS else v for k, v in row.items()}


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
