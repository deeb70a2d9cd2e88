"""Who really sent it (真伪): what QQ's own Authentication-Results and the DKIM signature prove.

Pure: raw bytes and a table of public keys in, a verdict with its reason out. Who may speak for
a unit is service/trust.py's. Sources: RFC 8601 (Authentication-Results), RFC 6376 (DKIM); where
QQ writes its results was seen in archived mail: just below its own topmost Received.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import dkim

from parsers import mail_headers

Verdict = Literal["pass", "fail", "forged", "none"]

_QQ_RECEIVED = re.compile(r"\bby\s+(?:\S*\.)?(?:newxmmx\S*|mx\d*\.qq\.com)\b|\(NewMX\)", re.I)
_QQ_RESULTS = re.compile(r"^\s*(?:mx\d*\.)?qq\.com\s*(?:;|$)", re.I)
_METHOD = re.compile(
    r"\b(spf|dkim|dmarc)\s*=\s*(\w+)((?:\s*\([^)]*\)|\s+[\w.-]+\s*=\s*[^\s;]+)*)", re.I
)
_PROPERTY = re.compile(r"(?:smtp\.mailfrom|header\.(?:d|i|from))\s*=\s*\"?([^\s;\"]+)", re.I)
_LENGTH_TAG = re.compile(rb"(?:^|;)\s*l\s*=", re.I)
_TAG = re.compile(rb"(?:^|;)\s*([a-z]+)\s*=\s*([^;]*)", re.I)


@dataclass(frozen=True, slots=True)
class Proof:
    """What the mail's own evidence says of its From address: verdict and reason code."""

    verdict: Verdict
    reason: str = ""


def prove(raw: bytes, sender: str | None, keys: Mapping[str, bytes]) -> Proof:
    """The proof for `sender` (the one From address); `keys` maps DNS names of DKIM keys
    (`selector._domainkey.domain`) to their TXT records."""
    if sender is None:
        return Proof("none", "no_single_sender")
    headers, _ = mail_headers.split(raw)
    by_results = _by_results(_pairs(headers), _domain(sender))
    if by_results.verdict in ("fail", "forged", "pass"):
        return by_results
    return _by_dkim(raw, _domain(sender), keys)


def _pairs(headers: mail_headers.Headers) -> list[tuple[str, str]]:
    return [(n.lower(), v.decode("latin-1")) for n, v in headers.pairs]


def _by_results(headers: Sequence[tuple[str, str]], domain: str) -> Proof:
    """Only results between the top of the mail and the second Received can be QQ's own: what
    stands below a foreign Received was there before the mail came in."""
    hops = [i for i, (name, _) in enumerate(headers) if name == "received"]
    own = bool(hops) and bool(_QQ_RECEIVED.search(headers[hops[0]][1]))
    end = hops[1] if len(hops) > 1 else len(headers)
    trusted = ""
    for i, (name, value) in enumerate(headers):
        if name != "authentication-results" or not _QQ_RESULTS.match(_unfolded(value)):
            continue
        if not own or i > end:
            return Proof("forged", "results_below_foreign_received")
        trusted = trusted or _unfolded(value)
    return _judge(trusted, domain) if trusted else Proof("none")


def _judge(results: str, domain: str) -> Proof:
    found = {m[1].lower(): (m[2].lower(), m[3]) for m in _METHOD.finditer(results)}
    dmarc = found.get("dmarc", ("", ""))[0]
    if dmarc == "fail":
        return Proof("fail", "dmarc_fail")
    if dmarc == "pass":
        return Proof("pass", "dmarc_pass")
    for method in ("dkim", "spf"):
        result, properties = found.get(method, ("", ""))
        named = [_domain(m[1]) for m in _PROPERTY.finditer(properties)]
        if result == "pass" and any(_aligned(n, domain) for n in named):
            return Proof("pass", f"{method}_pass")
    return Proof("none", "results_prove_nothing")


def _by_dkim(raw: bytes, domain: str, keys: Mapping[str, bytes]) -> Proof:
    """A signature of the sender's own domain that a known key confirms."""
    signatures = mail_headers.split(raw)[0].all("dkim-signature")
    for number, signature in enumerate(signatures[:5]):
        tags = {m[1].lower(): m[2].strip() for m in _TAG.finditer(signature)}
        signer = tags.get(b"d", b"").decode("ascii", "replace").lower()
        if _LENGTH_TAG.search(signature) or not _aligned(signer, domain):
            continue  # l= leaves the rest of the body open to anybody
        if _verified(raw, number, keys):
            return Proof("pass", "dkim_signature")
    return Proof("none", "no_proof")


def _verified(raw: bytes, number: int, keys: Mapping[str, bytes]) -> bool:
    def key_of(name: bytes, timeout: int = 0) -> bytes | None:
        return keys.get(name.decode("ascii", "replace").rstrip(".").lower())

    try:
        return bool(dkim.DKIM(raw).verify(number, dnsfunc=key_of))
    except (dkim.DKIMException, ValueError, KeyError, IndexError, TypeError, AttributeError):
        return False  # a signature that cannot be read proves nothing


def _aligned(signer: str, domain: str) -> bool:
    """The same domain, or a parent of it with at least two labels (RFC 7489 3.1, relaxed)."""
    return signer == domain or ("." in signer and domain.endswith("." + signer))


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip("<>").lower()


def _unfolded(value: str) -> str:
    return " ".join(value.split())
