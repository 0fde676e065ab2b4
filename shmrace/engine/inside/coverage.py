"""coverage.py in actors: the lines that ran in them count as if the test had run them itself.

An actor has no data file of its own: a kept process has no end at which to write it, and writing
would be calls at the gate.  So each measures in memory, and appends what is new at each end of its
body to a file in memory, which the orchestrator adds to its own data.  Whoever is killed in its
body tells nothing of that execution.  Source: coverage.readthedocs.io, Coverage and CoverageData.
"""

import atexit
import os
import posix
import signal
import struct
import sys
from typing import Any

_LENGTH = struct.Struct("<Q")


def stop() -> None:
    """Measure no more, and save nothing at an end; for the processes between the test and the
    actors, which are forks of the one that measures."""
    global _stopped
    ours = _stopped = _current()
    if ours is None:
        return
    ours.stop()
    os._exit = posix._exit  # "patch = _exit" would save what the test has measured so far
    if getattr(signal.getsignal(signal.SIGTERM), "__self__", None) is ours:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # and so would "sigterm = true"


def begin(descriptor: int) -> None:
    """Measure in this actor as the test did, if it did; `tell` writes to the descriptor."""
    global _measuring
    if _stopped is None:
        return
    own = type(_stopped)(data_file=None)
    own.config = _stopped.config.copy()
    own.config.patch, own.config.sigterm = [], False
    own.start()
    atexit.unregister(own._atexit)  # a warm actor runs its exit handlers, and goes on
    _data_of(own)  # what it opens, it opens now: nothing is explored yet
    _measuring = _Measuring(own, descriptor)


def tell() -> None:
    """Write down which lines ran that have not been told yet."""
    if _measuring is not None:
        _measuring.tell()


def take_over(descriptor: int) -> None:
    """Add what actors told to what is measured here, once they have ended."""
    ours = _current()
    content = os.pread(descriptor, os.fstat(descriptor).st_size, 0) if ours is not None else b""
    if ours is None or not content:
        return
    here = _data_of(ours)
    place = 0
    while place < len(content):
        (length,) = _LENGTH.unpack_from(content, place)
        place += _LENGTH.size
        told = type(here)(no_disk=True)
        told.loads(content[place : place + length])
        here.update(told)
        place += length


class _Measuring:
    """What measures in this process."""

    def __init__(self, own: Any, descriptor: int) -> None:
        self._own = own
        self._descriptor = descriptor
        self._told = 0  # how many lines, or jumps between them

    def tell(self) -> None:
        data = _data_of(self._own)
        files = data.measured_files()
        known = sum(len((data.arcs(one) or ()) or (data.lines(one) or ())) for one in files)
        if known > self._told:
            self._told = known
            content = data.dumps()
            os.write(self._descriptor, _LENGTH.pack(len(content)) + content)


_measuring: _Measuring | None = None  # in an actor
_stopped: Any = None  # between the test and its actors: what measures the test


def _data_of(coverage: Any) -> Any:
    """What was measured so far, without a search for files of which no line ran: that is for the
    end, and walks through all sources."""
    coverage._post_save_work = lambda: None
    try:
        return coverage.get_data()
    finally:
        del coverage._post_save_work


def _current() -> Any:
    """The `coverage.Coverage` that measures this process; None if nobody does."""
    coverage = sys.modules.get("coverage")
    kind = getattr(coverage, "Coverage", None)
    return kind.current() if kind is not None and hasattr(kind, "current") else None
