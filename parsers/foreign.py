"""The border to foreign libraries: what they raise on broken bytes becomes a ParserError.

Names the errors one by one, so that our own stop signals (KeyboardInterrupt, a worker's
deadline) pass. It reads nothing itself.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from parsers.types import Damaged, OverLimit, ParserError

BROKEN_BYTES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NameError,  # olefile 0.47 on a truncated sector chain
    OSError,
    RecursionError,
    RuntimeError,  # zipfile on unknown flags
    SyntaxError,  # lxml's XMLSyntaxError
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


@contextmanager
def border(code: str) -> Iterator[None]:
    """Turns whatever a library raises on broken bytes into Damaged(code).

    Raises OverLimit when it ran out of memory.
    """
    try:
        yield
    except ParserError:
        raise
    except MemoryError as error:
        raise OverLimit("out_of_memory") from error
    except BROKEN_BYTES as error:
        raise Damaged(code, why=f"{type(error).__name__}: {error}"[:200]) from error
