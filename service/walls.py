"""The walls around a reading child (围墙): no socket, no file but the code's and the kept mails',
no look into another process, nothing written.

Put up from inside, for good and for every thread to come: a seccomp filter that refuses sockets,
and a Landlock domain. Both need no right. Where the kernel or a container refuses one, the child
works with the others, and `doctor` says so.

seccomp(2), prctl(2), linux/filter.h; landlock(7), linux/landlock.h; the numbers of system calls
are the kernel's own (arch/x86/entry/syscalls/syscall_64.tbl, scripts/syscall.tbl).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
NETWORK, FILES = "network", "files"
_libc = ctypes.CDLL(None)
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2

# -- no socket: one would be the network's, and io_uring opens them past every filter ------------

_SOCKET_CALLS: Mapping[str, tuple[int, tuple[int, int]]] = {
    "x86_64": (0xC000003E, (41, 425)),
    "aarch64": (0xC00000B7, (198, 425)),
}
"""By machine: what seccomp calls it (AUDIT_ARCH_…), and its socket(2) and io_uring_setup(2)."""
_X32 = 0x40000000
"""From here on the x86-64 kernel may know the same calls by other numbers."""
_LOAD, _IF_SAME, _IF_FROM, _END = 0x20, 0x15, 0x35, 0x06
_REFUSE, _ALLOW = 0x00050000 | errno.EPERM, 0x7FFF0000


def _program(machine: str) -> bytes:
    """The filter in the classic BPF of linux/filter.h: (code, jump if, jump if not, value)."""
    arch, calls = _SOCKET_CALLS[machine]
    tests = [(_IF_SAME, n) for n in calls] + [(_IF_FROM, _X32)]
    steps = [(_LOAD, 0, 0, 4), (_IF_SAME, 0, len(tests) + 2, arch), (_LOAD, 0, 0, 0)]
    steps += [(code, len(tests) - i, 0, k) for i, (code, k) in enumerate(tests)]
    steps += [(_END, 0, 0, _ALLOW), (_END, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _refuse_sockets() -> bool:
    machine = platform.machine()
    # 32-bit programs make other calls, and a 64-bit kernel runs them (Raspberry Pi OS)
    if machine not in _SOCKET_CALLS or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    program = _program(machine)
    kept = ctypes.create_string_buffer(program, len(program))
    given = struct.pack("@HP", len(program) // 8, ctypes.addressof(kept))
    return _prctl(_PR_SET_SECCOMP, _FILTER, given) == 0


# -- no file but these --------------------------------------------------------------------------

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_ACTS_ON_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
"""By Landlock's version: every act upon files that it can refuse, from running one to
truncating one."""
_TCP, _SCOPES = 3, 3
"""Also bind and connect (version 4), abstract sockets of others and signals to them (6)."""
_SYSTEM = (
    "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/proc",
    "/sys", "/dev/null", "/dev/urandom",
)  # fmt: skip
"""What libraries open by themselves: their parts, time zones, what the processor can do."""


def _read_only(readable: Iterable[Path]) -> bool:
    version = _syscall(_CREATE_RULESET, None, 0, _VERSION)
    if version < 1:
        return False
    words = [_ACTS_ON_FILES[min(version, 3)]]
    words += [_TCP] * (version >= 4) + [_SCOPES] * (version >= 6)
    rules = struct.pack(f"={len(words)}Q", *words)
    ruleset = _syscall(_CREATE_RULESET, rules, len(rules), 0)
    if ruleset < 0:
        return False
    try:
        for path in (*map(Path, _SYSTEM), *_code(), *readable):
            _allow(ruleset, path)
        return _syscall(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path) -> None:
    """Lets this file, or all below this folder, be read; what is not there needs no leave."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_PATH)
        try:
            acts = _READ_FILE | (_READ_FOLDER if path.is_dir() else 0)
            rule = struct.pack("=Qi", acts, handle)
            _syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
        finally:
            os.close(handle)


def _code() -> Iterator[Path]:
    """Python, its packages and our own; not our folder itself, where settings may lie."""
    yield from (Path(p) for p in {sys.prefix, sys.base_prefix})
    # of a user's own too: what reads scans is loaded when the first one comes
    yield from (Path(p) for p in sys.path if p.endswith("-packages"))
    yield from (p.parent for p in ROOT.glob("*/__init__.py"))
    yield ROOT / "templates"


def put_up(readable: Iterable[Path] = ()) -> tuple[str, ...]:
    """Shuts this process in; which walls were refused. Call it while there is one thread."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    walls = ((FILES, _read_only(readable)), (NETWORK, _refuse_sockets()))
    return tuple(name for name, stands in walls if not stands)


def refused() -> tuple[str, ...]:
    """Which walls a child could not put up here; tried in a process of its own."""
    command = (sys.executable, "-m", "service.walls")
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return NETWORK, FILES
    return tuple(done.stdout.split()) if done.returncode == 0 else (NETWORK, FILES)


def _prctl(*given: object) -> int:
    return int(_libc.prctl(*_wide(*given, *[0] * (5 - len(given)))))


def _syscall(*given: object) -> int:
    return int(_libc.syscall(*_wide(*given)))


def _wide(*given: object) -> Iterator[object]:
    """Numbers as wide as a register, which is what these two take."""
    return (ctypes.c_long(x) if isinstance(x, int) else x for x in given)


if __name__ == "__main__":
    print(*put_up())
