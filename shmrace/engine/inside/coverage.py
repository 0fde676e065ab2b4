"""coverage.py in actors: the lines that ran in them count as if the test had run them itself.

An actor has no data file of its own: a kept process has no end at which to write it, and writing
would be calls at the gate.  So each measures in memory, and appends what is new at each end of its
body to a file in memory, which the orchestrator adds to its own data.  It is JSON: coverage's own
form is a script for a database, which may do anything where it is read.  Whoever is killed in its
body tells nothing of that execution.  Source: coverage.readthedocs.io, Coverage and CoverageData.
"""

import atexit
import json
import os
import posix
import signal
import sys
import warnings
from typing import Any

_MOST_TOLD = 256 << 20  # bytes


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
    content = os.pread(descriptor, _MOST_TOLD, 0) if ours is not None else b""
    if ours is None or not content:
        return
    here = _data_of(ours)
    spoilt = 0
    for line in content.splitlines():
        try:
            _add(here, json.loads(line))
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
            spoilt += 1
    if spoilt:
        text = "code under test wrote where shmrace keeps what coverage measured in actors"
        warnings.warn(text, stacklevel=2)


def _add(here: Any, told: dict[str, Any]) -> None:
    """Add what one actor told in one context."""
    more = type(here)(no_disk=True)
    more.set_context(str(told["context"]))
    pairs = {str(file): {(int(a), int(b)) for a, b in arcs} for file, arcs in told["arcs"].items()}
    if pairs:
        more.add_arcs(pairs)
    else:
        more.add_lines({str(file): set(map(int, one)) for file, one in told["lines"].items()})
    more.add_file_tracers({str(file): str(one) for file, one in told["tracers"].items()})
    here.update(more)


def _told(data: Any) -> bytes:
    """What was measured, a line for each context."""
    files = sorted(data.measured_files())
    tracers = {file: data.file_tracer(file) for file in files if data.file_tracer(file)}
    lines = []
    for context in sorted(data.measured_contexts()) or [""]:
        data.set_query_context(context)
        arcs = {file: data.arcs(file) for file in files} if data.has_arcs() else {}
        ran = {} if arcs else {file: data.lines(file) for file in files}
        here = {"context": context, "arcs": arcs, "lines": ran, "tracers": tracers}
        lines.append(json.dumps(here).encode() + b"\n")
    data.set_query_contexts(None)
    return b"".join(lines)


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
            os.write(self._descriptor, _told(data))


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
