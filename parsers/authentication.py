"""Who really sent it (真伪): what QQ's own Authentication-Results and the DKIM signature prove.

Pure: raw bytes and a table of public keys in, a verdict with its reason out. Who may speak for
a unit is service/trust.py's. Sources: RFC 8601 (Authentication-Results), RFC 6376 (DKIM); where
QQ writes its results was seen in archived mail: just below its own topmost Received.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from parsers import dkim_proof, mail_headers
from parsers.dkim_proof import Keys, aligned

Verdict = Literal["pass", "fail", "forged", "unproved", "none"]
"""`unproved`: QQ looked and found nothing that speaks for the address; `none`: nobody looked."""

# the host that took the mail in is named by the last "by"; what stands before it the peer said
_BY = re.compile(r"\bby\s+(\S+)(?:\s*\(([^()]*)\))?", re.I)
_QQ_HOST = re.compile(r"newxmmx[\w-]*(?:\.qq\.com)?|mx\d*\.qq\.com", re.I)
_QQ_RESULTS = re.compile(r"^\s*(?:mx\d*\.)?qq\.com\s*(?:;|$)", re.I)
_METHOD = re.compile(r"\s*(spf|dkim|dmarc)\s*=\s*(\w+)(.*)", re.I)
_PROPERTY = re.compile(r"(?:smtp\.mailfrom|header\.(?:d|i))\s*=\s*(\S+)", re.I)
_HEADER_FROM = re.compile(r"header\.from\s*=\s*(\S+)", re.I)
_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')


@dataclass(frozen=True, slots=True)
class Proof:
    """What the mail's own evidence says of its From address: verdict and reason code."""

    verdict: Verdict
    reason: str = ""


_BY_DKIM = {
    "pass": Proof("pass", "dkim_signature"),
    "changed": Proof("fail", "dkim_body_changed"),
    "none": Proof("none", "no_proof"),
}


def prove(raw: bytes, sender: str | None, keys: Keys, on: date | None = None) -> Proof:
    """The proof for `sender` (the one From address) of a mail that arrived `on` this day."""
    if sender is None:
        return Proof("none", "no_single_sender")
    headers, _ = mail_headers.split(raw)
    by_results = _by_results(_pairs(headers), _domain(sender))
    if by_results.verdict in ("fail", "forged", "pass"):
        return by_results
    by_dkim = _BY_DKIM[dkim_proof.find(raw, headers, _domain(sender), keys, on)]
    return by_results if by_dkim.verdict == "none" else by_dkim


def _pairs(headers: mail_headers.Headers) -> list[tuple[str, str]]:
    return [(n.lower(), v.decode("latin-1")) for n, v in headers.pairs]


def _by_results(headers: Sequence[tuple[str, str]], domain: str) -> Proof:
    """Only results between the top of the mail and the second Received can be QQ's own: what
    stands below a foreign Received was there before the mail came in. QQ writes one; others
    that say something else came with the mail."""
    hops = [i for i, (name, _) in enumerate(headers) if name == "received"]
    own = bool(hops) and _is_qqs(headers[hops[0]][1])
    end = hops[1] if len(hops) > 1 else len(headers)
    found: list[Proof] = []
    for i, (name, value) in enumerate(headers):
        if name != "authentication-results" or not _QQ_RESULTS.match(_unfolded(value)):
            continue
        if not own or i > end:
            return Proof("forged", "results_below_foreign_received")
        found.append(_judge(_unfolded(value), domain))
    if any(one != found[0] for one in found):
        return Proof("forged", "results_differ")
    return found[0] if found else _BY_DKIM["none"]


def _is_qqs(received: str) -> bool:
    """Whether QQ's own server took the mail in here."""
    hops = _BY.findall(_unfolded(received))
    return bool(hops) and (bool(_QQ_HOST.fullmatch(hops[-1][0])) or hops[-1][1] == "NewMX")


def _judge(results: str, domain: str) -> Proof:
    """RFC 8601, 2.2. An envelope sender may hold anything, even `dmarc=pass`: each result counts
    at the beginning of its own clause only, quoted words and comments not at all."""
    plain = _WORDS.sub(" ", results)
    if re.search(r"[\"()]", plain):
        return Proof("unproved", "results_unreadable")
    clauses = [m for m in map(_METHOD.fullmatch, plain.split(";")[1:]) if m]
    found = [(m[1].lower(), m[2].lower(), m[3]) for m in clauses]
    dmarc, said = next(((r, p) for method, r, p in found if method == "dmarc"), ("", ""))
    if dmarc == "fail":
        return Proof("fail", "dmarc_fail")
    judged = _HEADER_FROM.search(said)
    if dmarc == "pass" and (judged is None or _domain(judged[1]) == domain):
        return Proof("pass", "dmarc_pass")
    for method, result, properties in found:
        named = [_domain(m[1]) for m in _PROPERTY.finditer(properties)]
        if result == "pass" and any(aligned(n, domain) for n in named):
            return Proof("pass", f"{method}_pass")
    return Proof("unproved", "results_prove_nothing")


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip("<>").lower()


def _unfolded(value: str) -> str:
    return " ".join(value.split())
