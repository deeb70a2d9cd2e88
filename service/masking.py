"""Personal data masked for logs (脱敏): 139****1234, a***@qq.com; secrets not at all. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MOBILE = re.compile(r"(?<![\dA-Fa-f])(1\d{2})[-\s]?\d{4}[-\s]?(\d{4})(?![\dA-Fa-f])")
_ADDRESS = re.compile(r"([\w.+-])[\w.+-]*@((?:[\w-]+\.)+[A-Za-z]{2,})")


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with phone numbers and addresses masked, and each secret taken out."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return _ADDRESS.sub(r"\1***@\2", _MOBILE.sub(r"\1****\2", text))
