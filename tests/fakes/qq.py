"""A double of QQ Mail's servers, as far as its ways are documented: not a general server.

IMAP: descending sets get BAD, SEARCH by header finds everything, every folder has the same
UIDVALIDITY, an unsupported command gets an untagged BAD and then silence, ENVELOPE is
malformed, the UID stands after the literal, flags of other mails come unasked, and too many
logins are refused. SMTP: From must be the login, the Message-ID is replaced and ours kept in
X-OQ-MSGID of the copy in Sent Messages, letters are limited by pace, QUIT answers garbage.
"""

from __future__ import annotations

import re
import socketserver
import threading
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType

from aiosmtpd.smtp import SMTP, Envelope, Session
from imap_tools.imap_utf7 import utf7_encode

from tests.fakes.faulty_smtp import FaultySmtp

UIDVALIDITY = 1_623_000_000
FOLDERS = ("INBOX", "Sent Messages", "Drafts", "Deleted Messages", "Junk", "其他文件夹/报送")
LOGIN_FAIL = (
    "Login fail. Account is abnormal, service is not open, password is incorrect, "
    "login frequency limited, or system is busy"
)
_CAPABILITIES = "IMAP4 IMAP4rev1 ID AUTH=PLAIN AUTH=LOGIN NAMESPACE"
_AFTER_LOGIN = "IMAP4 IMAP4rev1 XLIST MOVE IDLE XAPPLEPUSHSERVICE NAMESPACE CHILDREN ID UIDPLUS"


@dataclass(slots=True)
class QQMail:
    """One mail in a folder of the double."""

    uid: int
    raw: bytes
    when: datetime
    flags: set[str] = field(default_factory=set)


class QQImap:
    """The IMAP side; `logins_allowed` counts down to the lockout."""

    def __init__(self, user: str, code: str, logins_allowed: int = 21) -> None:
        self.user, self.code = user, code
        self.logins_allowed = logins_allowed
        self.logins = 0
        self.commands: list[str] = []
        self.folders: dict[str, list[QQMail]] = {name: [] for name in FOLDERS}
        self._server = _Server(("127.0.0.1", 0), _Talk)
        self._server.double = self
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def deliver(self, raw: bytes, when: datetime, folder: str = "INBOX") -> int:
        mails = self.folders[folder]
        # QQ's UIDs grow with gaps
        uid = (mails[-1].uid if mails else 100) + 3
        mails.append(QQMail(uid, raw, when))
        return uid

    def flags(self) -> dict[tuple[str, int], set[str]]:
        return {(f, m.uid): set(m.flags) for f, mails in self.folders.items() for m in mails}

    def __enter__(self) -> QQImap:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    double: QQImap

    def __init__(self, *arguments: object) -> None:
        self.stopped = threading.Event()
        super().__init__(*arguments)  # type: ignore[arg-type]


class _Talk(socketserver.StreamRequestHandler):
    """One connection."""

    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self._open: list[QQMail] = []
        self._tell("* OK [CAPABILITY " + _CAPABILITIES + "] QQMail XMIMAP4Server ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().rstrip("\r\n").partition(" ")
            verb = rest.partition(" ")[0].upper()
            self.server.double.commands.append(rest)
            answer = getattr(self, f"_do_{verb.lower()}", None)
            if answer is None:
                self._tell(f"* BAD {verb}")
                self.server.stopped.wait(30)  # and nothing more, as QQ does
                return
            answer(tag, rest[len(verb) + 1 :])
            if verb == "LOGOUT":
                return

    def _tell(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _do_capability(self, tag: str, rest: str) -> None:
        self._tell(f"* CAPABILITY {_AFTER_LOGIN if self._open is None else _CAPABILITIES}")
        self._tell(f"{tag} OK CAPABILITY completed")

    def _do_login(self, tag: str, rest: str) -> None:
        double = self.server.double
        double.logins += 1
        given = re.findall(r'"((?:[^"\\]|\\.)*)"', rest)
        if double.logins > double.logins_allowed or given != [double.user, double.code]:
            self._tell(f"{tag} NO {LOGIN_FAIL}")
            return
        self._open = None  # type: ignore[assignment]
        self._tell(f"{tag} OK Success login ok")

    def _do_id(self, tag: str, rest: str) -> None:
        self._tell("* ID NIL")
        self._tell(f"{tag} OK ID completed")

    def _do_noop(self, tag: str, rest: str) -> None:
        self._tell(f"{tag} OK NOOP completed")

    def _do_logout(self, tag: str, rest: str) -> None:
        self._tell("* BYE LOGOUT received")
        self._tell(f"{tag} OK LOGOUT completed")

    def _do_list(self, tag: str, rest: str) -> None:
        for name in (*self.server.double.folders, "其他文件夹"):
            flags = "\\NoSelect \\HasChildren" if name == "其他文件夹" else "\\HasNoChildren"
            self._tell(f'* LIST ({flags}) "/" "{utf7_encode(name).decode()}"')
        self._tell(f"{tag} OK LIST completed")

    def _do_examine(self, tag: str, rest: str) -> None:
        wanted = rest.strip('"')
        for name, mails in self.server.double.folders.items():
            if utf7_encode(name).decode() == wanted:
                self._open = mails
                self._tell(f"* {len(mails)} EXISTS")
                self._tell("* 0 RECENT")
                self._tell(f"* OK [UIDVALIDITY {UIDVALIDITY}] UID validity status")
                self._tell(f"* OK [UIDNEXT {mails[-1].uid + 1 if mails else 1}] Predicted")
                self._tell(f"{tag} OK [READ-ONLY] EXAMINE complete")
                return
        self._tell(f"{tag} NO EXAMINE no such folder")

    def _do_idle(self, tag: str, rest: str) -> None:
        before = len(self._open)
        self._tell("+ idling")
        self.connection.settimeout(0.05)
        try:
            while not self.server.stopped.is_set():
                try:
                    if self.rfile.readline().strip().upper() == b"DONE":
                        break
                    return
                except TimeoutError:
                    # the buffered reader is spent after a timeout
                    self.rfile = self.connection.makefile("rb")
                if len(self._open) > before:
                    before = len(self._open)
                    self._tell(f"* {before} EXISTS")
        finally:
            self.connection.settimeout(None)
        self._tell(f"{tag} OK IDLE Terminated")

    def _do_uid(self, tag: str, rest: str) -> None:
        verb, _, more = rest.partition(" ")
        if verb.upper() == "SEARCH":
            self._search(tag, more)
        elif verb.upper() == "FETCH":
            self._fetch(tag, more)
        else:
            self._tell("* BAD UID")
            self.server.stopped.wait(30)

    def _search(self, tag: str, criteria: str) -> None:
        uid_set = re.fullmatch(r"UID (\S+)", criteria, re.I)
        found = [m.uid for m in self._open]  # any other criterion is ignored
        if uid_set:
            chosen = self._chosen(uid_set[1])
            if chosen is None:
                self._tell(f"{tag} BAD UID set")
                return
            found = [m.uid for m in chosen]
        self._tell("* SEARCH " + " ".join(map(str, found)))
        self._tell(f"{tag} OK SEARCH completed")

    def _do_fetch(self, tag: str, rest: str) -> None:
        """By number, only what is asked for the first mail."""
        self._answer(1, self._open[0], rest.partition(" ")[2])
        self._tell(f"{tag} OK FETCH completed")

    def _fetch(self, tag: str, rest: str) -> None:
        uid_set, _, what = rest.partition(" ")
        chosen = self._chosen(uid_set)
        if chosen is None:
            self._tell(f"{tag} BAD FETCH set")
            return
        for mail in chosen:
            number = self._open.index(mail) + 1
            self._answer(number, mail, what)
            # another client reads mails meanwhile
            self._tell(f"* {number} FETCH (FLAGS (\\Seen))")
        self._tell(f"{tag} OK FETCH completed")

    def _answer(self, number: int, mail: QQMail, what: str) -> None:
        told = []
        if "RFC822.SIZE" in what:
            told.append(f"RFC822.SIZE {len(mail.raw)}")
        if "INTERNALDATE" in what:
            told.append(mail.when.strftime('INTERNALDATE "%d-%b-%Y %H:%M:%S %z"'))
        if "ENVELOPE" in what:
            told.append('ENVELOPE ("Tue" "un"balanced" ((NIL NIL "a" "b"')
        body = re.search(r"BODY(\.PEEK)?\[(HEADER)?\](?:<(\d+)\.(\d+)>)?", what)
        if body is None:
            told.append(f"UID {mail.uid}")
            self._tell(f"* {number} FETCH ({' '.join(told)})")
            return
        if body[1] is None:
            mail.flags.add("\\Seen")
        content = mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if body[2] else mail.raw
        label = f"BODY[{body[2] or ''}]"
        if body[3]:
            content = content[int(body[3]) :][: int(body[4])]
            label += f"<{body[3]}>"
        self._tell(f"* {number} FETCH ({' '.join([*told, label])} {{{len(content)}}}")
        self.wfile.write(content)
        self._tell(f" UID {mail.uid})")

    def _chosen(self, uid_set: str) -> list[QQMail] | None:
        """The mails of a set; None where it descends. `n:*` always gives the last one."""
        last = self._open[-1].uid if self._open else 0
        bounds: list[tuple[int, int]] = []
        for part in uid_set.split(","):
            low, _, high = part.partition(":")
            first, final = int(low), last if high == "*" else int(high or low)
            if (high not in ("", "*") and final < first) or (bounds and first < bounds[-1][1]):
                return None
            bounds.append((min(first, final), max(first, final)))
        return [m for m in self._open if any(a <= m.uid <= b for a, b in bounds)]


class QQSmtp(FaultySmtp):
    """The SMTP side; what it takes appears in Sent Messages of `imap` under QQ's own id."""

    def __init__(self, imap: QQImap, when: datetime, letters_allowed: int = 1_000) -> None:
        super().__init__({imap.user: imap.code})
        self.letters_allowed = letters_allowed
        self._imap, self._when = imap, when
        self.script("QUIT", "\x01\x02 what", times=-1)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address != self._imap.user:
            return "501 Mail from address must be same as authorization user."
        if len(self.taken) >= self.letters_allowed:
            return "550 Sender frequency limited"
        return await super().handle_MAIL(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        qq_id = b"<tencent_%08X@qq.com>" % (len(self.taken) + 1)
        rewritten = re.sub(
            rb"(?im)^message-id:[ \t]*([^\r\n]*)",
            lambda m: b"Message-ID: " + qq_id + b"\r\nX-OQ-MSGID: " + m[1],
            content,
            count=1,
        )
        envelope.content = rewritten
        before = len(self.taken)
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.taken) > before:
            self._imap.deliver(rewritten, self._when, "Sent Messages")
        return answer
