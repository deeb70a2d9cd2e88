"""An overall deadline for a command on a socket.

A socket's own timeout counts from read to read, so a peer that sends one byte a minute
holds it for ever; the watchdog shuts the socket down under the reader instead.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator


class Watchdog:
    """Guards one socket; `has_bitten` tells a deadline from a peer that went away."""

    def __init__(self) -> None:
        self._sock: socket.socket | None = None
        self.has_bitten = False

    def guard(self, sock: socket.socket) -> None:
        self._sock = sock

    def wrapped(self, sock: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
        """The socket in TLS, its handshake guarded and the host's certificate verified."""
        wrapped = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        try:
            # the handshake comes after guard(): a peer may stall in the middle of it
            self.guard(wrapped)
            wrapped.do_handshake()
        except OSError:
            wrapped.close()
            raise
        return wrapped

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Runs the block; after `seconds` the socket is shut down and the block's read fails."""
        timer = threading.Timer(seconds, self.bite)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def bite(self) -> None:
        """Shuts the socket down under whoever reads it; also for another thread."""
        self.has_bitten = True
        if self._sock is not None:
            with contextlib.suppress(OSError):
                # the plain socket's shutdown: SSLSocket.shutdown would drop the TLS object
                # that the reading thread is just using
                socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
