"""A TCP proxy that breaks connections at chosen points between a client and a real server.

proxy.fault = Fault(after_bytes=300, action="reset")     once 300 bytes came from the server
proxy.fault = Fault(at=b"UID FETCH", action="stall")     when the client has sent these bytes
proxy.dribble = 0.2                                      one byte each 0.2 s from the server
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

Action = Literal["reset", "close", "stall"]
_ABORT = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the connection breaks: after bytes from the server, or at the client's words
    (the nth time that they are sent); how."""

    action: Action
    after_bytes: int | None = None
    at: bytes | None = None
    nth: int = 1
    answered: bool = False
    """With `at`: break inside the server's answer instead of before the server hears it."""


class FaultProxy:
    """Listens on a loopback port and passes on to `target`; one fault, the first connection."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.fault: Fault | None = None
        self.dribble = 0.0
        self.connections = 0
        self.sent_by_client = b""
        self.bytes_from_server = 0
        self._open: list[socket.socket] = []
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> FaultProxy:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            _close(sock)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(("127.0.0.1", self._target), 10)
            server.settimeout(None)
            self._open += [client, server]
            _Link(self, client, server).start(self._threads)


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client, self._server = client, server
        self._said = b""
        self._left: int | None = None
        """Bytes that the server may still send before the fault."""

    def start(self, threads: list[threading.Thread]) -> None:
        fault = self._proxy.fault
        if fault is not None and fault.after_bytes is not None:
            self._left = fault.after_bytes
        for target in (self._upward, self._downward):
            thread = threading.Thread(target=target, daemon=True)
            thread.start()
            threads.append(thread)

    def _upward(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._client.recv(65536):
                self._proxy.sent_by_client += data
                self._said += data
                fault = self._proxy.fault
                if fault is not None and fault.at and self._said.count(fault.at) >= fault.nth:
                    if not fault.answered:
                        self._break(fault)
                        return
                    self._left = 5
                self._server.sendall(data)
        _close(self._server)

    def _downward(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._server.recv(65536):
                self._proxy.bytes_from_server += len(data)
                if self._left is not None and len(data) > self._left:
                    self._pass(data[: self._left])
                    fault = self._proxy.fault
                    if fault is not None:
                        self._break(fault)
                        return
                elif self._left is not None:
                    self._left -= len(data)
                self._pass(data)
        _close(self._client)

    def _pass(self, data: bytes) -> None:
        if not self._proxy.dribble:
            self._client.sendall(data)
            return
        for byte in data:
            if self._proxy._stopped.wait(self._proxy.dribble):
                return
            self._client.sendall(bytes([byte]))

    def _break(self, fault: Fault) -> None:
        self._proxy.fault = None  # the next connection is whole again
        if fault.action == "stall":
            self._proxy._stopped.wait(60)
        elif fault.action == "reset":
            time.sleep(0.01)  # let what was passed on arrive first
            self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            with contextlib.suppress(OSError):
                self._client.shutdown(socket.SHUT_RD)  # wakes the other thread, sends nothing
            self._client.close()
            _close(self._server)
            return
        _close(self._client)
        _close(self._server)


def _close(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
