"""Which steps depend on each other: the objects that they read and write.

Two accesses to one object conflict unless both READ it or both UPDATE it.  Updates commute with
each other but not with a reader: two creations change the directory alike in either order, but a
listing sees the difference.

An object is the same in every execution of a scenario.  A name has two objects, because its text
may be random: one for the text, one for its creator's n-th creation.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from shmrace.model.words import Word


class Mode(IntEnum):
    """How a step accesses an object."""

    READ = 0
    UPDATE = 1
    WRITE = 2


class ObjectKind(Word):
    """The kinds of objects that steps of different actors may both access."""

    NAME = "name", "a name in /dev/shm: attaching reads it, creating and unlinking write it"
    DIRECTORY = "directory", "the list of names: a listing reads it, what changes a name updates it"
    SIZE = "size", "a segment's size"
    LINKS = "links of", "how many names a segment has: a stat reads it, links and unlinks update it"
    LINKS_SEEN = (
        "links seen of",
        "the same, in a search that does not depend on it yet",
    )
    ATTRIBUTES = "attributes of", "a segment's mode, owner, times and extended attributes"
    POSITION = "position in", "where reads and writes through an inherited descriptor go on"
    BYTES = "bytes", "a segment's content: an actor that maps it reads it in each of its steps"
    SPACE = "space", "the free space of /dev/shm, where it is limited"
    LOCK = "lock", "a file lock: each taking accesses it, so that takers race"
    LOCK_STATE = "state of lock", "whether a lock is free, for an actor that asks without waiting"
    MESSAGE = "message", "a message of the harness, for a receiver that looks without waiting"
    CHANNELS = "channels", "all pipes, sockets and the like of the program's own"
    CHANNEL_INTO = "channel into", "those at which some processes receive"
    NEWS = "news for", "whether such a channel has something for a process that does not wait"
    LIFE = "life of", "whether an actor lives: its end writes it, who asks for it reads it"
    REMAINS = "remains of", "whether a dead process is still to be waited for: who reaps it writes"
    PROCESSES = "processes", "which ones there are: births and deaths update it, a listing reads"
    MOVES = "moves of", "all that an actor does: who looks into its process reads it"
    COURSE = "course of", "what an actor does next: a fault that it survives writes it"
    FAULTS = "faults", "how many faults may still strike: each fault writes it"
    MEMORY = "memory of", "what the threads of one process share"
    EVERYTHING = "everything", "what an opaque call may touch: it writes this, each step reads it"


class Object(NamedTuple):
    """One object; `whose` holds the names, subjects, actors or processes that it belongs to."""

    kind: ObjectKind
    whose: tuple[str, ...] = ()

    def __str__(self) -> str:
        apart = " -> " if self.kind is ObjectKind.MESSAGE else ", "
        return f"{self.kind} {apart.join(self.whose)}".rstrip()


Access = tuple[Object, Mode]
"""An object, and how a step accesses it."""

Accesses = frozenset[Access]

DIRECTORY = Object(ObjectKind.DIRECTORY)
CHANNELS = Object(ObjectKind.CHANNELS)
SPACE = Object(ObjectKind.SPACE)
FAULTS = Object(ObjectKind.FAULTS)
EVERYTHING = Object(ObjectKind.EVERYTHING)
PROCESSES = Object(ObjectKind.PROCESSES)


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
    modes: dict[Object, set[Mode]] = {}
    for one, mode in second:
        modes.setdefault(one, set()).add(mode)
    return any(clash(mode, other) for one, mode in first for other in modes.get(one, ()))


def name_of(key: str) -> Object:
    """A name, by one of its keys: its text or its alias."""
    return Object(ObjectKind.NAME, (key,))


def bytes_of(subject: str) -> Object:
    """The content of a segment."""
    return Object(ObjectKind.BYTES, (subject,))


def size_of(subject: str) -> Object:
    """The size of a segment."""
    return Object(ObjectKind.SIZE, (subject,))


def position_in(subject: str) -> Object:
    """Where reads and writes through a descriptor go on that several processes may have."""
    return Object(ObjectKind.POSITION, (subject,))


def links_of(subject: str) -> Object:
    """How many names a segment has."""
    return Object(ObjectKind.LINKS, (subject,))


def attributes_of(subject: str) -> Object:
    """The mode, owner, times and extended attributes of a segment."""
    return Object(ObjectKind.ATTRIBUTES, (subject,))


def lock_of(subject: str, space: str) -> Object:
    """The locks of a file, of one space."""
    return Object(ObjectKind.LOCK, (subject, space))


def lock_state_of(subject: str, space: str) -> Object:
    """Whether they are free."""
    return Object(ObjectKind.LOCK_STATE, (subject, space))


def life_of(actor: str) -> Object:
    """Whether an actor lives: its end writes this object."""
    return Object(ObjectKind.LIFE, (actor,))


def remains_of(actor: str) -> Object:
    """Whether the process of a dead actor is still there, for its parent to wait for."""
    return Object(ObjectKind.REMAINS, (actor,))


def moves_of(actor: str) -> Object:
    """All that an actor does: each of its turns updates this object."""
    return Object(ObjectKind.MOVES, (actor,))


def course_of(actor: str) -> Object:
    """What an actor does next: a fault that it survives writes this object."""
    return Object(ObjectKind.COURSE, (actor,))


def memory_of(process: str) -> Object:
    """What the threads of a process share."""
    return Object(ObjectKind.MEMORY, (process,))


def channel_into(processes: Iterable[str]) -> Object:
    """The channels at which these processes receive: a sender writes it, a receiver reads it."""
    return Object(ObjectKind.CHANNEL_INTO, tuple(sorted(processes)))


def news_for(process: str) -> Object:
    """Whether one of the program's own channels has a message for a process that does not wait.

    A message writes this object, and a look without waiting reads it.
    """
    return Object(ObjectKind.NEWS, (process,))


def message_of(sender: str, receiver: str) -> Object:
    """A message of the harness: a send writes it, a receiver that does not wait reads it."""
    return Object(ObjectKind.MESSAGE, (sender, receiver))


def with_everything(accesses: Iterable[Access]) -> Accesses:
    """The accesses of a whole turn: each depends on the turns that do something unknown."""
    found = frozenset(accesses)
    return found if (EVERYTHING, Mode.WRITE) in found else found | {(EVERYTHING, Mode.READ)}


def is_private(one: Object) -> bool:
    """Do only the threads of one process access this object?"""
    return one.kind is ObjectKind.MEMORY
