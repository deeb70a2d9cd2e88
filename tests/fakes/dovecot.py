"""A private, throw-away Dovecot on loopback: as root it runs as nobody, else as ourselves.

Tests compare what our door leaves behind with what this reference server says.
"""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from imap_tools.imap_utf7 import utf7_encode

from tests.fakes.certificates import Certificate, make_certificate

_FOUND = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

_CONFIGURATION = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
instance_name = {tag}
protocols = imap{lmtp}
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_home = {base}/mail/%u
mail_location = maildir:~/Maildir:LAYOUT=fs
mail_fsync = never
mail_max_userip_connections = 100
maildir_very_dirty_syncs = yes
auth_mechanisms = plain login
disable_plaintext_auth = no
auth_failure_delay = 0 secs
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {base}/passwd
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}/mail/%u
}}
ssl = yes
ssl_cert = <{base}/cert.pem
ssl_key = <{base}/key.pem
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap_port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps_port}
    ssl = yes
  }}
}}
service imap {{
  vsz_limit = 0
}}
service auth {{
  user = {user}
}}
service auth-worker {{
  user = {user}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""
_LMTP = """\
service lmtp {{
  user = {user}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
"""


def is_installed() -> bool:
    return _FOUND is not None


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class PrivateDovecot:
    """Dovecot with its own folder, ports and users; `with` starts and stops it.

    `imap_port` speaks plain IMAP, `imaps_port` TLS with `certificate`, `lmtp_port` LMTP
    (only with lmtp=True).
    """

    def __init__(
        self,
        users: dict[str, str],
        *,
        lmtp: bool = False,
        expired: bool = False,
        extra: str = "",
    ) -> None:
        self.users = dict(users)
        self.base = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.imap_port, self.imaps_port, self.lmtp_port = free_port(), free_port(), free_port()
        self.certificate: Certificate = make_certificate(self.base, expired=expired)
        self._lmtp, self._extra = lmtp, extra
        account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._user, self._group = account.pw_name, grp.getgrgid(account.pw_gid).gr_name
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> PrivateDovecot:
        self._write()
        with (self.base / "stdout").open("wb") as out:
            self._process = subprocess.Popen(
                [_FOUND or "dovecot", "-F", "-c", str(self.base / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + 10
        while not self._greets():
            if self._process.poll() is not None or time.monotonic() > until:
                said = (self.base / "stdout").read_text() + self.log()
                self.stop()
                raise RuntimeError(f"dovecot is not up: {said}")
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            # its own session: the whole group goes at once, nothing is worth saving
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.base, ignore_errors=True)

    def __enter__(self) -> PrivateDovecot:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def trusted(self) -> ssl.SSLContext:
        """A client context that trusts this server's certificate."""
        return ssl.create_default_context(cafile=str(self.certificate.cert))

    def client(self, user: str) -> imaplib.IMAP4:
        """A plain connection, logged in, for arranging a test and looking at its traces."""
        client = imaplib.IMAP4("127.0.0.1", self.imap_port, 10)
        client.login(user, self.users[user])
        return client

    def append(
        self, user: str, raw: bytes, when: datetime | None = None, folder: str = "INBOX"
    ) -> None:
        """Puts a mail into a folder, made if need be, with `when` as INTERNALDATE."""
        client = self.client(user)
        try:
            name = quoted(folder)
            if folder != "INBOX":
                client.create(name)  # NO if it is there
            answer, said = client.append(name, None, _internaldate(when), raw)
            assert answer == "OK", said
        finally:
            client.logout()

    def flags(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """UID and flags of every mail, as another client sees them."""
        client = self.client(user)
        try:
            client.select(quoted(folder), readonly=True)
            found = client.uid("FETCH", "1:*", "(FLAGS)")[1]
            return [b"" if line is None else line.replace(b"\\Recent", b"") for line in found]
        finally:
            client.logout()

    def log(self) -> str:
        path = self.base / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _write(self) -> None:
        for name in ("run", "state", "mail"):
            (self.base / name).mkdir()
        words = {
            "base": self.base,
            "tag": self.base.name,
            "user": self._user,
            "group": self._group,
            "imap_port": self.imap_port,
            "imaps_port": self.imaps_port,
            "lmtp_port": self.lmtp_port,
            "lmtp": " lmtp" if self._lmtp else "",
        }
        text = _CONFIGURATION + (_LMTP if self._lmtp else "")
        (self.base / "dovecot.conf").write_text(text.format(**words) + self._extra)
        (self.base / "passwd").write_text(
            "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in self.users.items())
        )
        if os.getuid() == 0:
            for path in (self.base, *self.base.rglob("*")):
                shutil.chown(path, self._user, self._group)
            self.base.chmod(0o755)

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.imap_port), 0.5) as sock:
                return sock.recv(64).startswith(b"* OK")
        except OSError:
            return False


def quoted(folder: str) -> str:
    """A folder name in modified UTF-7 and quotes."""
    return '"' + utf7_encode(folder).decode("ascii") + '"'


def _internaldate(when: datetime | None) -> str:
    return imaplib.Time2Internaldate(when or datetime.now(UTC))
