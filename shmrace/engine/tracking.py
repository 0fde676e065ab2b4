"""Resource trackers: which processes are one, and what they are told.

A tracker is a Python of its own, with a set of names for all who have inherited the pipe to it.
Each message is one write: REGISTER or UNREGISTER, a name, a kind.  When the last of the pipe's
writers is gone, the tracker unlinks what is still in its set.  Source: CPython,
Lib/multiprocessing/resource_tracker.py.
"""

from shmrace.engine.actor import Gate, Process
from shmrace.linux import procfs

_PROGRAM = "resource_tracker import main"
_LONGEST = 512  # bytes; what fits is written at once
_WORDS = {"REGISTER": True, "UNREGISTER": False}
_KIND = "shared_memory"


def is_tracker(process: int) -> bool:
    """Does this process run a resource tracker?"""
    return any(_PROGRAM in argument for argument in procfs.command_line(process))


def overhear(process: Process, gate: Gate, where: str) -> None:
    """Note what a process writes into a pipe, if it speaks of a name of shared memory as one speaks
    to a tracker."""
    _, place, size = gate.notification.arguments[:3]
    if gate.call != "write" or not where.startswith("pipe:") or size > _LONGEST:
        return
    said = process.memory.read(place, size).decode(errors="replace").rstrip("\n")
    word, _, rest = said.partition(":")
    name, _, kind = rest.rpartition(":")
    if word in _WORDS and kind == _KIND:
        process.tracked.append((where, _WORDS[word], name.removeprefix("/")))
