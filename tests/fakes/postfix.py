"""A private, throw-away Postfix on loopback that bounces unknown addresses with a real DSN.

Its own queue, configuration and ports; nothing in /etc/postfix is used or changed. The master
must be root (it drops to `postfix`); where it cannot start, tests say so and leave it out.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from tests.fakes.dovecot import free_port

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
_FOUND = shutil.which("postfix", path=_PATH)
_DAEMONS = next(
    (p for p in ("/usr/lib/postfix/sbin", "/usr/libexec/postfix") if Path(p).is_dir()), ""
)

_MAIN = """\
compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {base}/maillog
maillog_file_prefixes = {base}
multi_instance_name = postfix-{tag}
multi_instance_enable = yes
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.{domain}
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = texthash:{base}/mailboxes
virtual_mailbox_base = {base}/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
virtual_transport = virtual
default_transport = error:5.7.1 nothing leaves this machine
relay_transport = error:5.7.1 nothing leaves this machine
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = no
smtpd_tls_security_level = none
message_size_limit = 73400320
mailbox_size_limit = 0
virtual_mailbox_limit = 0
in_flow_delay = 0
biff = no
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 5 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
showq unix n - n - - showq
"""


class CannotStart(RuntimeError):
    """This machine does not let us run a Postfix of our own."""


def why_not() -> str:
    """Why no Postfix can be started here; empty where one can be tried."""
    if _FOUND is None or not _DAEMONS:
        return "postfix is not installed"
    return "" if os.getuid() == 0 else "the master of postfix must be root"


class PrivatePostfix:
    """Takes mail on `port` for its domains; only `user` has a mailbox."""

    def __init__(self, user: str, *domains: str) -> None:
        self.user = user
        self.port = free_port()
        self.base = Path(tempfile.mkdtemp(prefix="postfix-"))
        self._domains = (user.partition("@")[2], *domains)
        self._conf = self.base / "conf"

    def __enter__(self) -> PrivatePostfix:
        try:
            self._write()
            self._call("start")
            self._wait()
        except (OSError, CannotStart, LookupError) as e:
            self.stop()
            raise CannotStart(str(e)) from e
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        subprocess.run(
            [str(_FOUND), "-c", str(self._conf), "abort"], capture_output=True, check=False
        )
        shutil.rmtree(self.base, ignore_errors=True)

    def send(self, to: str, content: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as server:
            server.sendmail(self.user, [to], content)

    def delivered(self, seconds: float = 15) -> bytes:
        """The first mail in the user's mailbox."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for file in (self.base / "mail").glob("*/new/*"):
                return file.read_bytes()
            time.sleep(0.05)
        raise TimeoutError((self.base / "maillog").read_text())

    def _write(self) -> None:
        for name in ("conf", "queue", "data", "mail"):
            (self.base / name).mkdir()
        self.base.chmod(0o755)
        shutil.chown(self.base / "data", "postfix", "postfix")
        shutil.chown(self.base / "mail", "nobody")
        nobody = (self.base / "mail").stat()
        words = {
            "base": self.base,
            "commands": Path(str(_FOUND)).parent,
            "daemons": _DAEMONS,
            "tag": self.base.name,
            "domain": self._domains[0],
            "domains": " ".join(self._domains),
            "uid": nobody.st_uid,
            "gid": nobody.st_gid or 65534,
            "port": self.port,
        }
        (self._conf / "main.cf").write_text(_MAIN.format(**words))
        (self._conf / "master.cf").write_text(_MASTER.format(**words))
        (self.base / "mailboxes").write_text(f"{self.user} staff/\n")

    def _call(self, what: str) -> None:
        done = subprocess.run(
            [str(_FOUND), "-c", str(self._conf), what], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CannotStart(done.stdout + done.stderr)

    def _wait(self) -> None:
        until = time.monotonic() + 15
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as sock:
                    if sock.recv(64).startswith(b"220"):
                        return
            except OSError:
                pass
            time.sleep(0.05)
        raise CannotStart("postfix does not answer")
