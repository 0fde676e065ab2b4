"""An actor at the terminal: ``breakpoint()`` works in it, and so does a look at what it raised.

It reads and writes plain descriptors 0 and 1, which are no gates.  Source: pdb.Pdb(stdin, stdout).
"""

import pdb
import sys
from typing import Any

from shmrace.engine.endings import users_part


def take() -> None:
    """Let this process have the terminal; for the actor that is to be debugged."""
    global _taken
    _taken = True
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  (the actor's own)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.breakpointhook = _stop_here


def leave() -> None:
    """``breakpoint()`` does nothing in this process: it has nobody to talk to."""
    sys.breakpointhook = lambda *arguments, **keywords: None


def look_at(error: BaseException) -> None:
    """Open the debugger where the exception was raised, in the actor that has the terminal."""
    if _taken:
        print(f"{type(error).__name__}: {error}")
        debugger = _debugger()
        debugger.reset()
        debugger.interaction(None, users_part(error))


def _stop_here(*arguments: Any, **keywords: Any) -> None:
    _debugger().set_trace(sys._getframe(1))


def _debugger() -> pdb.Pdb:
    return pdb.Pdb(stdin=sys.stdin, stdout=sys.stdout, nosigint=True)


_taken = False
