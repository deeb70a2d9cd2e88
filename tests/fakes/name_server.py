"""A name server on loopback that knows a few TXT records, for lookups without any network."""

from __future__ import annotations

import socket
import threading
from types import TracebackType

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class NameServer:
    """`records` by name; a name that is in no record does not exist. `silent` answers nobody."""

    def __init__(self, records: dict[str, str], silent: bool = False) -> None:
        self.records = records
        self.asked: list[str] = []
        self._silent = silent
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> NameServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            asked, peer = self._socket.recvfrom(4096)
            if not asked:
                return
            answer = self._answer(dns.message.from_wire(asked))
            if not self._silent:
                self._socket.sendto(answer.to_wire(), peer)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        name = query.question[0].name.to_text().rstrip(".")
        self.asked.append(name)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name in self.records:
            # a string of a record holds 255 bytes: a key of 2048 bits comes in two
            text = self.records[name]
            quoted = " ".join(f'"{text[i : i + 255]}"' for i in range(0, len(text), 255))
            answer.answer.append(dns.rrset.from_text(name + ".", 60, "IN", "TXT", quoted))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
