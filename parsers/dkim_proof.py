"""What a DKIM signature proves (域名签名): that the sender's own domain let these words out.

RFC 6376 and 8301, over keys from a table: no server is asked and no clock read, so the same
bytes prove the same tomorrow. A signature that covers less than what is read here proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

import dkim
from dkim.util import InvalidTagValueList, parse_tag_value

from parsers.mail_headers import Headers

Finding = Literal["pass", "changed", "none"]

_MOST_SIGNATURES = 5
_ALGORITHMS = (b"rsa-sha256", b"ed25519-sha256")
# a second one of these, which the signature need not cover, would be read instead of the first
_SINGLE = ("from", "subject", "date", "mime-version", "content-type", "content-transfer-encoding")
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,200}[a-z0-9_])?")
_UNREADABLE = (
    dkim.DKIMException, InvalidTagValueList,
    ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """A key's DNS record; `until` is the last day on which the domain still showed it, None
    while it does."""

    record: bytes
    until: date | None = None

    def holds_on(self, day: date | None) -> bool:
        return self.until is None or day is None or day <= self.until


Keys = Mapping[str, tuple[Key, ...]]
"""By DNS name (`selector._domainkey.domain`), every key that was ever seen there."""


def find(raw: bytes, headers: Headers, domain: str, keys: Keys, on: date | None) -> Finding:
    """Whether a signature of the sender's domain holds for a mail that arrived on this day;
    `changed` where the domain did sign these headers, but over another body."""
    if not keys or any(len(headers.all(name)) > 1 for name in _SINGLE):
        return "none"
    try:
        mail = dkim.DKIM(raw)
    except _UNREADABLE:
        return "none"
    fields = [f for f in mail.headers if f[0].lower() == b"dkim-signature"]
    found = {_one(mail, f, domain, keys, on) for f in fields[:_MOST_SIGNATURES]}
    return "pass" if "pass" in found else "changed" if "changed" in found else "none"


def signer(signature: str) -> tuple[str, str] | None:
    """(selector, domain) of a DKIM-Signature; None where they make no DNS name."""
    tags = dict(re.findall(r"(?:^|;)\s*([ds])\s*=\s*([^;\s]+)", signature))
    selector, domain = tags.get("s", "").lower(), tags.get("d", "").lower()
    both = _NAME.fullmatch(selector) and _NAME.fullmatch(domain)
    return (selector, domain) if both else None


def key_name(selector: str, domain: str) -> str:
    """Where a domain shows its key (RFC 6376, 3.6.2.1)."""
    return f"{selector}._domainkey.{domain}"


def aligned(signer: str, domain: str) -> bool:
    """The same domain, or a parent of it with at least two labels (RFC 7489 3.1, relaxed)."""
    return signer == domain or ("." in signer and domain.endswith("." + signer))


def _one(
    mail: dkim.DKIM, field: tuple[bytes, bytes], domain: str, keys: Keys, on: date | None
) -> Finding:
    """One signature; what cannot be read proves nothing."""
    try:
        tags = parse_tag_value(field[1])
        named = tags[b"s"].decode("ascii").lower(), tags[b"d"].decode("ascii").lower()
        if not aligned(named[1], domain) or not _is_whole(mail, tags, on):
            return "none"
        here = [k for k in keys.get(key_name(*named), ()) if k.holds_on(on)]
        if not any(_verifies(mail, field, {**tags, b"bh": None}, k) for k in here):
            return "none"
        return "pass" if any(_verifies(mail, field, tags, k) for k in here) else "changed"
    except _UNREADABLE:
        return "none"


def _is_whole(mail: dkim.DKIM, tags: Mapping[bytes, bytes], on: date | None) -> bool:
    """Whether the signature covers sender, subject and the whole body: l= leaves the rest of
    the body open to anybody (139.com signs with l=0), rsa-sha1 is broken (RFC 8301)."""
    # dkimpy would compare t= and x= with its own clock
    dkim.validate_signature_fields({k: v for k, v in tags.items() if k not in (b"t", b"x")})
    signed = _signed(tags)
    has_subject = any(name.lower() == b"subject" for name, _ in mail.headers)
    return (
        b"l" not in tags
        and tags[b"a"] in _ALGORITHMS
        and b"from" in signed
        and (b"subject" in signed or not has_subject)
        and not _has_expired(tags, on)
    )


def _has_expired(tags: Mapping[bytes, bytes], on: date | None) -> bool:
    if b"x" not in tags or on is None:
        return False
    return datetime.fromtimestamp(int(tags[b"x"]), UTC).date() < on


def _signed(tags: Mapping[bytes, bytes]) -> list[bytes]:
    return [name.strip().lower() for name in tags[b"h"].split(b":")]


def _verifies(
    mail: dkim.DKIM, field: tuple[bytes, bytes], tags: Mapping[bytes, bytes | None], key: Key
) -> bool:
    """The headers alone where bh is None, else headers and body."""
    given = {k: v for k, v in tags.items() if v is not None}
    try:
        return bool(mail.verify_sig(given, _signed(given), field, lambda *_, **__: key.record))
    except _UNREADABLE:
        return False
