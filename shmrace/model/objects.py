"""Which operations depend on each other: what each step reads and writes.

Independence follows from the *outcome*: a create or unlink that succeeded WRITES its name, one
that failed READS it, and so does every attach.  Two accesses to one object conflict unless both
read it or both UPDATE it: updates commute with each other (two creations both change the
directory, in either order alike) but not with a reader (a listing).  An object is a text that
means the same in every execution of a scenario; a name stands under its own text *and* under its
creator's n-th creation, because its text may be random.
"""

from collections.abc import Callable, Iterable
from enum import IntEnum

from shmrace.model.operations import INJECTED, SEGMENT, Effect, Inode


class Mode(IntEnum):
    """How an object is touched."""

    READ = 0
    UPDATE = 1
    WRITE = 2


Access = tuple[str, Mode]
Accesses = frozenset[Access]

DIRECTORY = "directory"
CHANNELS = "channels"
SPACE = "space"
BUDGET = "faults"
"""The object that every fault writes: one uses up what another might have."""

_MEMORY = "memory of "
_CHANGES_A_NAME = frozenset(["create", "unlink", "rename", "link", "symlink", "mknod", "mkdir"])


def clash(first: Mode, second: Mode) -> bool:
    """Do two accesses to one object conflict?"""
    if first is Mode.WRITE or second is Mode.WRITE:
        return True
    return first is not second


def dependent(first: Accesses, second: Accesses) -> bool:
    """Does the order of two steps with these accesses matter?"""
    if len(second) < len(first):
        first, second = second, first
    if not first:
        return False
    modes: dict[str, set[Mode]] = {}
    for object_, mode in second:
        modes.setdefault(object_, set()).add(mode)
    return any(clash(mode, other) for object_, mode in first for other in modes.get(object_, ()))


def life(actor: str) -> str:
    """The object that a death of this actor writes."""
    return f"life of {actor}"


def course(actor: str) -> str:
    """The object that a fault writes after which the actor goes on, but otherwise."""
    return f"course of {actor}"


def private(object_: str) -> bool:
    """Is this the memory that the threads of one process share?"""
    return object_.startswith(_MEMORY)


def channel_into(processes: Iterable[str]) -> str:
    """The object that whoever sends to these processes, or reads as one of them, writes."""
    return f"channel into {', '.join(sorted(processes))}"


def news(process: str) -> str:
    """The object that a message over a channel of the code's own writes for a process that looks
    for one without waiting."""
    return f"news for {process}"


def inbox(sender: str, receiver: str) -> str:
    """The object that a message writes for a receiver who looks without waiting."""
    return f"message {sender} -> {receiver}"


def accesses_of(
    effect: Effect,
    name_keys: Callable[[str], tuple[str, ...]],
    segment_key: Callable[[Inode], str],
    limited_space: bool = False,
) -> Accesses:
    """What one step reads and writes.

    `name_keys` gives every key a name is known under, `segment_key` that of a segment.
    """
    found: set[Access] = set()
    if effect.error != INJECTED:  # the call itself, which else has not been run
        _touch_names(effect, name_keys, found)
        if effect.inode is not None:
            _touch_segment(effect, segment_key(effect.inode), found)
        if effect.kind == "list":
            found.add((DIRECTORY, Mode.READ))
    for inode in effect.held:
        found.add((f"bytes {segment_key(inode)}", Mode.READ))
    for inode in effect.written:
        found.add((f"bytes {segment_key(inode)}", Mode.WRITE))
    for inode in effect.resized:
        found.add((f"size {segment_key(inode)}", Mode.WRITE))
    for inode in effect.unlocked:
        found.add((f"state of lock {segment_key(inode)}", Mode.UPDATE))
    for name in effect.through:
        for key in name_keys(name):
            found.add((f"name {key}", Mode.READ))
    if effect.channel:
        found.add((CHANNELS, Mode.UPDATE if effect.process else Mode.WRITE))
    if effect.process:
        found.add((f"{_MEMORY}{effect.process}", Mode.WRITE))
    if limited_space and _takes_space(effect):
        found.add((SPACE, Mode.WRITE))
    return frozenset(found)


def _touch_names(
    effect: Effect, name_keys: Callable[[str], tuple[str, ...]], found: set[Access]
) -> None:
    changed = effect.ok and effect.kind in _CHANGES_A_NAME
    for name in effect.names:
        for key in name_keys(name):
            found.add((f"name {key}", Mode.WRITE if changed else Mode.READ))
    if changed and effect.names:
        found.add((DIRECTORY, Mode.UPDATE))


def _touch_segment(effect: Effect, key: str, found: set[Access]) -> None:
    sets_size = effect.ok and (effect.kind in ("size", "reserve", "truncate") or effect.truncates)
    if sets_size:
        found.add((f"size {key}", Mode.WRITE))
        found.add((f"bytes {key}", Mode.WRITE))
    elif effect.kind in SEGMENT or effect.kind == "look":
        found.add((f"size {key}", Mode.READ))
    if effect.kind in ("read", "write"):
        found.add((f"bytes {key}", Mode.READ))
    if effect.kind in ("lock", "try-lock", "unlock"):
        _touch_lock(effect, key, found)


def _touch_lock(effect: Effect, key: str, found: set[Access]) -> None:
    """Takers of a lock race with each other; an unlock races only with who asks without waiting,
    because who waits for it is let go by it."""
    if effect.kind == "try-lock":
        found.add((f"state of lock {key}", Mode.READ))
    if effect.ok:
        found.add((f"state of lock {key}", Mode.UPDATE))
        if effect.kind != "unlock":
            found.add((f"lock {key}", Mode.WRITE))


def _takes_space(effect: Effect) -> bool:
    return bool(effect.written) or effect.kind in (
        "create", "size", "reserve", "truncate", "unlink", "rename", "exit", "end"
    )  # fmt: skip
