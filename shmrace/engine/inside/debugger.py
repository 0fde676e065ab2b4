"""What an actor reads from and prints to: nothing and a file, or, to be debugged, the terminal.

At the terminal ``breakpoint()`` works in it, and so does a look at what it raised.  It reads and
writes plain descriptors 0 and 1, which are no gates.  Source: pdb.Pdb(stdin, stdout).
"""

import bdb
import io
import os
import pdb
import sys
from types import FrameType, TracebackType
from typing import Any

from shmrace.engine.inside.endings import users_part
from shmrace.errors import text_of
from shmrace.model.stack import Frame, user_frames

_HINT = "everybody else stands still; q goes on to the report"

_taken = ""  # by which actor, in its process


def take(actor: str) -> None:
    """Let this process have the terminal; for the actor that is to be debugged."""
    global _taken
    _taken = actor
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
    """Open the debugger where the exception was raised, in the actor that has the terminal; not
    if it was raised by leaving the debugger."""
    if _taken and not isinstance(error, bdb.BdbQuit):
        print(f"\n{_taken} raised {type(error).__name__}: {text_of(error)}\n{_HINT}")
        debugger = _Debugger()
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
    print(f"\n{_taken} is at a breakpoint\n{_HINT}")
    _Debugger().set_trace(sys._getframe(1))


class _Debugger(pdb.Pdb):
    """Begins at the innermost frame of the user's, not within a library that it called."""

    def __init__(self) -> None:
        super().__init__(stdin=sys.stdin, stdout=sys.stdout, nosigint=True)

    def setup(self, f: FrameType | None, tb: TracebackType | None) -> None:
        super().setup(f, tb)
        frames = [Frame(one.f_code.co_filename, line, "") for one, line in self.stack]
        users = [place for place, frame in enumerate(frames) if user_frames([frame])]
        if tb is not None and users:
            self.curindex = users[-1]
            self.curframe = self.stack[self.curindex][0]
            if "curframe_locals" in vars(self):  # until Python 3.13
                self.curframe_locals = self.curframe.f_locals
