"""Lines as gates, for protocols in shared memory itself: counters, flags, ring buffers.

Loads and stores are no system calls.  With ``preempt="lines"`` an actor stops before each line of
the modules that are named, so that others may come between any two of them; what one line does is
still done at once.  Source: sys.settrace(), https://docs.python.org/3/library/sys.html.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from types import CodeType, FrameType
from typing import Any

from shmrace.engine.protocol import Primitive, ask


@contextlib.contextmanager
def gates(modules: Sequence[str]) -> Iterator[None]:
    """Within the block each line of these modules is a gate; patterns, as in "mylib.*".  Without
    any nothing happens."""
    if not modules:
        yield
        return
    chosen: dict[CodeType, bool] = {}

    def called(frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if code not in chosen:
            name = frame.f_globals.get("__name__", "")
            chosen[code] = any(fnmatchcase(name, pattern) for pattern in modules)
        return reached if chosen[code] else None

    def reached(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            ask(Primitive.LINE, f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}")
        return reached

    before = sys.gettrace()
    threading.settrace(called)
    sys.settrace(called)
    try:
        yield
    finally:
        sys.settrace(before)
        threading.settrace(before)
