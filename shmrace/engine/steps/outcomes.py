"""What an operation did, from the state before it and the state after its step.

The kernel does not tell the orchestrator what a continued call returned.  But only one actor moves,
so the names and sizes before and after, with the witness' word on opens, determine it.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace

from shmrace.engine.gate.subjects import name_of
from shmrace.engine.processes.witness import Event
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.process import Process
from shmrace.engine.steps import locking
from shmrace.engine.steps.locking import Locking
from shmrace.linux import open_files
from shmrace.linux.decode import O_TMPFILE
from shmrace.model.effect import Effect
from shmrace.model.operations import INJECTED, Inode, Operation, Outcome, SegmentKind


@dataclass(frozen=True)
class Before:
    """The state that an operation meets."""

    found: tuple[os.stat_result | None, ...]  # what each of its names means
    size: int | None  # of the segment it is about, bytes
    held: int | None = None  # an open descriptor of that segment, if the operation may resize it
    locking: Locking = Locking()


_RESIZES = (Operation.SIZE, Operation.RESERVE, Operation.WRITE)
_EXCHANGE = 2  # RENAME_EXCHANGE
_FOR_DATA = (os.SEEK_DATA, os.SEEK_HOLE)
_MADE_BY = {
    "mknod": SegmentKind.FILE, "mkdir": SegmentKind.DIRECTORY, "symlink": SegmentKind.LINK,
}  # fmt: skip


def before(actor: Actor, gate: Gate) -> Before:
    """Look before the operation is let through."""
    held = None
    if gate.shape.family == "segment" and gate.operation in _RESIZES:
        held = _hold(actor.process, gate.descriptor)
    return Before(
        tuple(location.lookup() for location in gate.locations),
        _descriptor_size(actor.process, gate.descriptor),
        held,
    )


def missing(gate: Gate, was: Before, root: Inode) -> list[str]:
    """The names in ``/dev/shm`` that nothing has before the operation."""
    return [
        name_of(location, root)
        for location, found in zip(gate.locations, was.found, strict=True)
        if found is None and location.device == root[0] and location.name
    ]


def effect(actor: Actor, gate: Gate, was: Before, events: list[Event], root: Inode) -> Effect:
    """The effect of the operation, once its step is over; `root` is ``/dev/shm`` itself."""
    try:
        return _effect(actor, gate, was, events, root)
    finally:
        if was.held is not None:
            os.close(was.held)


def _effect(actor: Actor, gate: Gate, was: Before, events: list[Event], root: Inode) -> Effect:
    if gate.refused:
        return Effect(gate.operation, INJECTED, _names(gate, root), gate.inode)
    if gate.shape.family in ("name", "look"):
        named = _name_effect(gate, was, events, root)
        return replace(named, through=(*gate.through, *folders_of((*named.names, *gate.through))))
    if gate.shape.family == "through":
        return Effect(gate.operation, through=(*gate.through, *folders_of(gate.through)))
    if gate.shape.family == "segment":
        return _segment_effect(gate, was)
    if gate.lock is not None:
        return locking.effect(gate, was.locking)
    return Effect(gate.operation, inode=gate.inode, detail=gate.detail)


def new_memfd(process: Process, known: set[Inode]) -> tuple[int, Inode] | None:
    """The descriptor and inode of the memfd that a process has just created."""
    for descriptor, link in open_files.links(process.pid).items():
        if link.startswith("/memfd:"):
            found = open_files.status(process.pid, descriptor)
            inode = (found.st_dev, found.st_ino)
            if inode not in known:
                return descriptor, inode
    return None


def folders_of(names: Iterable[str]) -> tuple[str, ...]:
    """The directories on the way to names: "a" and "a/b" for "a/b/c"."""
    found: dict[str, None] = {}
    for name in names:
        parts = name.split("/")
        found.update({"/".join(parts[:length]): None for length in range(1, len(parts))})
    return tuple(found)


def _names(gate: Gate, root: Inode) -> tuple[str, ...]:
    """Those of its names that lie in ``/dev/shm``."""
    return tuple(
        name_of(location, root)
        for location in gate.locations
        if location.device == root[0] and location.name
    )


def _name_effect(gate: Gate, was: Before, events: list[Event], root: Inode) -> Effect:
    names = _names(gate, root)
    found = was.found[0]
    now = gate.locations[0].lookup()
    inode = _inode(found)
    if gate.shape.kind == "open":
        return _open_effect(gate, names, was, now, events)
    lists = found is not None and stat.S_ISDIR(found.st_mode)
    if gate.shape.kind == "unlink":
        if found is None:
            return Effect(Operation.UNLINK, "ENOENT", names)
        error = "" if _inode(now) != inode else Outcome.FAILED
        return Effect(Operation.UNLINK, error, names, inode, lists=lists)
    if gate.shape.kind in ("rename", "link"):
        return _second_name_effect(gate, names, was)
    if gate.shape.kind in ("symlink", "mknod", "mkdir"):
        if found is not None:
            return Effect(gate.shape.kind, "EEXIST", names, inode)
        made = _inode(now)
        if made is None:
            return Effect(gate.shape.kind, Outcome.FAILED, names)
        return Effect(Operation.CREATE, "", names, made, made=_MADE_BY[gate.shape.kind])
    if found is None:
        return Effect(gate.shape.kind, "ENOENT", names)
    size = now.st_size if now is not None else found.st_size
    lists = lists and gate.shape.kind == Operation.LOOK  # its times, and how many folders it has
    return Effect(gate.shape.kind, "", names, inode, size=size, lists=lists)


def _open_effect(
    gate: Gate,
    names: tuple[str, ...],
    was: Before,
    now: os.stat_result | None,
    events: list[Event],
) -> Effect:
    found = was.found[0]
    if gate.flags & O_TMPFILE == O_TMPFILE:
        return Effect(Operation.CREATE, made=SegmentKind.NAMELESS)
    if gate.flags & os.O_CREAT and (found is None or gate.flags & os.O_EXCL):
        if found is not None:
            return Effect(Operation.CREATE, "EEXIST", names, _inode(found))
        made = _inode(now)
        return Effect(Operation.CREATE, "" if made else Outcome.FAILED, names, made)
    if found is None:
        return Effect(Operation.ATTACH, "ENOENT", names)
    last = names[-1].rsplit("/", 1)[-1] if names else None
    opened = last is None or any(event.opened and event.name == last for event in events)
    truncates = bool(gate.flags & os.O_TRUNC) and opened
    size = 0 if truncates else found.st_size
    return Effect(
        Operation.ATTACH,
        "" if opened else Outcome.FAILED,
        names,
        _inode(found),
        size=size,
        truncates=truncates,
    )


def _second_name_effect(gate: Gate, names: tuple[str, ...], was: Before) -> Effect:
    source, target = was.found[0], was.found[-1]
    kind = gate.shape.kind
    if source is None:
        return Effect(kind, "ENOENT", names)
    now = gate.locations[-1].lookup()
    lists = target is not None and stat.S_ISDIR(target.st_mode)  # it has to be empty
    if kind == Operation.RENAME and target is not None and _inode(target) == _inode(source):
        return Effect(kind, Outcome.NOTHING, names, _inode(source))  # two names of one file stay
    if len(gate.locations) < 2 or _inode(now) != _inode(source):
        error = "EEXIST" if target is not None else Outcome.FAILED
        return Effect(kind, error, names, _inode(source), lists=lists)
    pushed_out = (
        _inode(target) if kind == Operation.RENAME and _inode(target) != _inode(source) else None
    )
    exchanges = kind == Operation.RENAME and bool(gate.flags & _EXCHANGE)
    return Effect(
        kind, "", names, _inode(source), replaced=pushed_out, exchanges=exchanges, lists=lists
    )


def _segment_effect(gate: Gate, was: Before) -> Effect:
    kind = gate.operation
    size = was.size
    if kind in _RESIZES:
        size = os.fstat(was.held).st_size if was.held is not None else None
    if kind == Operation.WRITE:
        return Effect(kind, inode=gate.inode, size=size, sources=gate.sources)
    if kind == Operation.SIZE:
        wanted = gate.notification.arguments[1]
        if size is not None and size != wanted:
            return Effect(kind, Outcome.FAILED, inode=gate.inode, size=size)
        size = wanted
    if gate.descriptor < 0:  # a directory
        return Effect(kind, inode=gate.inode if kind == Operation.STAT else None, lists=True)
    sources = gate.sources
    if kind == Operation.SEEK and gate.notification.arguments[2] in _FOR_DATA:
        sources = (gate.inode,) if gate.inode is not None else ()  # writes fill holes
    return Effect(kind, inode=gate.inode, size=size, sources=sources)


def _hold(process: Process, descriptor: int) -> int | None:
    """A descriptor of the same file, which the process may close before its next gate.

    It is opened for its size alone, which nothing and nobody notices.
    """
    try:
        return os.open(open_files.path(process.pid, descriptor), os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return None


def _descriptor_size(process: Process, descriptor: int) -> int | None:
    if descriptor < 0:
        return None
    try:
        return open_files.status(process.pid, descriptor).st_size
    except OSError:
        return None


def _inode(found: os.stat_result | None) -> Inode | None:
    return (found.st_dev, found.st_ino) if found is not None else None
