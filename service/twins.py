"""PDF twins of papers (PDF副本) by LibreOffice: the one door to that program.

It runs in bubblewrap without network, with a home of its own, and is killed as a group.
Where either program is missing or refuses, there are no twins: never without the cage.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from service.types import Attachment

CONVERTIBLE = (".docx", ".xlsx")
SECONDS = 120

# what LibreOffice reads of the system; everything else does not exist in the cage
_READ_ONLY = ("/usr", "/etc/fonts", "/etc/libreoffice", "/etc/alternatives", "/opt")
_LINKS = (("usr/bin", "/bin"), ("usr/lib", "/lib"), ("usr/lib64", "/lib64"))
_INSIDE = "/papers"


def twins(files: Sequence[Attachment], seconds: float = SECONDS) -> tuple[Attachment, ...]:
    """A PDF of each Word and Excel file among these; empty where none can be made."""
    wanted = [f for f in files if PurePosixPath(f.name).suffix in CONVERTIBLE]
    bwrap, soffice = shutil.which("bwrap"), shutil.which("soffice")
    if not wanted or bwrap is None or soffice is None:
        return ()
    with tempfile.TemporaryDirectory(prefix="twins-") as folder:
        # plain names inside: no letter of a file name reaches a command line
        given = {f"{i}{PurePosixPath(f.name).suffix}": f for i, f in enumerate(wanted)}
        for name, file in given.items():
            Path(folder, name).write_bytes(file.content)
        if not _run([*_cage(bwrap, folder), *_conversion(soffice, given)], seconds):
            return ()
        return tuple(_made(folder, given))


def _made(folder: str, given: dict[str, Attachment]) -> list[Attachment]:
    pairs = [(Path(folder, "out", Path(n).stem + ".pdf"), f) for n, f in given.items()]
    return [
        Attachment(PurePosixPath(f.name).stem + ".pdf", path.read_bytes())
        for path, f in pairs
        if path.is_file()
    ]


def _conversion(soffice: str, names: dict[str, Attachment]) -> list[str]:
    profile = f"-env:UserInstallation=file://{_INSIDE}/profile"
    to = ["--headless", "--norestore", "--convert-to", "pdf", "--outdir", f"{_INSIDE}/out"]
    return [soffice, profile, *to, *(f"{_INSIDE}/{n}" for n in names)]


def _cage(bwrap: str, folder: str) -> list[str]:
    cage = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    for path in _READ_ONLY:
        cage += ["--ro-bind-try", path, path]
    for target, link in _LINKS:
        cage += ["--symlink", target, link]
    cage += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", folder, _INSIDE]
    for name, value in (("HOME", _INSIDE), ("PATH", "/usr/bin:/bin")):
        cage += ["--setenv", name, value]
    return cage


def _run(command: list[str], seconds: float) -> bool:
    """Whether the program ended well in time; its whole group is gone afterwards."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return False
