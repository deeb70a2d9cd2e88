"""The door to DNS (域名查询): the TXT record under one name, or the knowledge that there is none.

Used by `doctor --fetch-keys` alone; the service itself asks no name server.
"""

from __future__ import annotations

import dns.exception
import dns.rdatatype
import dns.resolver


class LookupFailed(Exception):
    """No name server gave an answer: whether there is a record is not known."""


class KeyLookup:
    """Asks the machine's own name servers, or those given."""

    def __init__(self, servers: tuple[str, ...] = (), port: int = 53, seconds: float = 5.0) -> None:
        self._servers = servers
        self._port = port
        self._seconds = seconds

    def txt(self, name: str) -> str | None:
        """The strings of the first TXT record, joined (RFC 6376, 3.6.2.2); None where the name
        or the record does not exist."""
        try:
            found = self._resolver().resolve(name + ".", "TXT", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except (dns.exception.DNSException, OSError) as e:
            raise LookupFailed(str(e)) from e
        records = [r for r in found if r.rdtype == dns.rdatatype.TXT]
        return b"".join(records[0].strings).decode("ascii", "replace") if records else None

    def _resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = list(self._servers)
            resolver.port = self._port
        resolver.lifetime = self._seconds
        return resolver
