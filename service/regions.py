"""The place before an office's name (地名): 临水县第一中学 and 第一中学 are one school in its own
county. Which county that is follows from the issuer of the notice; nothing else is trimmed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_NAME = r"(?:(?![省市县区旗])[\u4e00-\u9fff])"
_ABOVE = rf"(?:中共)?(?:{_NAME}{{2,3}}省)?(?:{_NAME}{{2,4}}市)?"
_OWN = re.compile(rf"{_ABOVE}((?!城市)({_NAME}{{1,4}})[市县区旗])(?=[\u4e00-\u9fff]{{2}})")
_SHORTEST_LEFT = 3


@dataclass(frozen=True, slots=True)
class Region:
    """How the issuer's own county is written: 如皋市, 如皋; empty where its name tells none."""

    words: tuple[str, ...] = ()

    def trim(self, name: str) -> str:
        """The name without its own county (and what lies above that) in front."""
        if not self.words:
            return name
        found = re.match(rf"{_ABOVE}(?:{'|'.join(self.words)})", name)
        is_short = found is None or len(name) - found.end() < _SHORTEST_LEFT
        return name if found is None or is_short else name[found.end() :]

    def ends(self, text: str) -> bool:
        """Whether a text ends with the county's name."""
        return bool(self.words) and text.endswith(self.words)


@cache
def region(issuer: str) -> Region:
    """The county that this office serves: 如皋市 of 江苏省南通市如皋市城市管理局."""
    found = _OWN.match(issuer)
    if found is None:
        return Region()
    return Region((found[1], found[2]) if len(found[2]) > 1 else (found[1],))
