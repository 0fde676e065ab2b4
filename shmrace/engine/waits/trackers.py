"""What resource trackers are told.

A tracker is a Python of its own, with a set of names for all who have inherited the pipe to it.
Each message is one write: REGISTER or UNREGISTER, a name, a kind; as text, or as JSON.  When the
last of the pipe's writers is gone, the tracker unlinks what is still in its set.  Source: CPython,
Lib/multiprocessing/resource_tracker.py.
"""

import base64
import json
import re

from shmrace.engine.state.gate import Gate
from shmrace.engine.state.process import Process
from shmrace.linux.connection import Place, PlaceKind

_LONGEST = 512  # bytes; what fits is written at once
_WORDS = {"REGISTER": True, "UNREGISTER": False}
_KIND = "shared_memory"
_TEXT = re.compile(r"(\w+):(.*):(\w+)\n")


def note_message(process: Process, gate: Gate, where: Place | None) -> None:
    """Note what a process writes into a pipe, if it speaks of a name of shared memory as one speaks
    to a tracker."""
    _, place, size = gate.notification.arguments[:3]
    if where is None or where.kind is not PlaceKind.PIPE:
        return
    if gate.call != "write" or size > _LONGEST:
        return
    try:
        said = parse_message(process.memory.read(place, size))
    except (OSError, OverflowError):  # no memory is there: the kernel will say so
        return
    if said is not None and said[0] in _WORDS and said[2] == _KIND:
        process.traffic.tracked.append((where.identity, _WORDS[said[0]], said[1].removeprefix("/")))


def parse_message(message: bytes) -> tuple[str, str, str] | None:
    """The word, the name and the kind of a message to a tracker, in the form of old and of newer
    Pythons; None for anything else."""
    try:
        if message.startswith(b"{"):
            said = json.loads(message)
            encoded = said["base64_name"].replace("-", "+").replace("_", "/")
            return str(said["cmd"]), base64.b64decode(encoded).decode(), str(said["rtype"])
        found = _TEXT.fullmatch(message.decode())
    except (ValueError, KeyError, AttributeError):
        return None
    return (found[1], found[2], found[3]) if found is not None else None
