"""What an actor reads from and prints to: nothing and a file, or, to be debugged, the terminal.

At the terminal ``breakpoint()`` works in it, and so does a look at what it raised.  It reads and
writes plain descriptors 0 and 1, which are no gates.  Source: pdb.Pdb(stdin, stdout).
"""

import io
import os
import pdb
import sys
from typing import Any

from shmrace.engine.endings import users_part

_taken = False


def take() -> None:
    """Let this process have the terminal; for the actor that is to be debugged."""
    global _taken
    _taken = True
    _own_streams()
    sys.breakpointhook = _stop_here


def leave(output: int) -> None:
    """Read nothing, print to the descriptor `output`, and stop at no ``breakpoint()``: this process
    has nobody to talk to."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(output, 1)
    os.dup2(output, 2)
    _own_streams()
    sys.breakpointhook = lambda *arguments, **keywords: None


def look_at(error: BaseException) -> None:
    """Open the debugger where the exception was raised, in the actor that has the terminal."""
    if _taken:
        print(f"{type(error).__name__}: {error}")
        debugger = _debugger()
        debugger.reset()
        debugger.interaction(None, users_part(error))


def _own_streams() -> None:
    """Those of the process it was forked from may be somebody else's, and hold what they wrote.
    Nothing stays in these when the process is killed in mid-line."""
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout, sys.stderr = _unbuffered(1), _unbuffered(2)


def _unbuffered(descriptor: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.FileIO(descriptor, "w", closefd=False),
        encoding="utf-8", errors="backslashreplace", write_through=True,
    )  # fmt: skip


def _stop_here(*arguments: Any, **keywords: Any) -> None:
    _debugger().set_trace(sys._getframe(1))


def _debugger() -> pdb.Pdb:
    return pdb.Pdb(stdin=sys.stdin, stdout=sys.stdout, nosigint=True)
