"""What `import shmrace` gives where there is no gate to be had.

Everything is there, so that a test suite can be collected on any system; what would need the gate
says why it does not work.
"""

import contextlib
import platform
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

from shmrace.errors import GateError
from shmrace.linux.syscalls import ARCHITECTURES


def reason() -> str:
    """Why nothing can be scheduled here, in one line; empty if it can."""
    if sys.platform != "linux":
        return f"shmrace needs Linux, whose seccomp is its gate; this is {sys.platform}"
    if platform.machine() not in ARCHITECTURES:
        known = " and ".join(ARCHITECTURES)
        return f"shmrace knows the system calls of {known}, not of {platform.machine()}"
    return ""


def explore(*arguments: Any, **keywords: Any) -> NoReturn:
    raise GateError(reason())


def run(*arguments: Any, **keywords: Any) -> NoReturn:
    raise GateError(reason())


def begin(*arguments: Any, **keywords: Any) -> NoReturn:
    raise GateError(reason())


@contextlib.contextmanager
def keep_processes() -> Iterator[None]:
    yield


class Execution:
    """For annotations and `isinstance`; there are none here."""
