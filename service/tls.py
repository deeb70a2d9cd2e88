"""TLS for both mail doors: verified always; without TLS only on this very machine."""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path


def client_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """A context that verifies chain and name (imaplib and smtplib do neither by themselves).

    `ca_file` adds a bureau's own authority; raises OSError when it cannot be read.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(cafile=str(ca_file))
    return context


def is_loopback(host: str) -> bool:
    """Whether the host names this machine, so that nothing can listen in between."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
