"""File locks as values: what a call asks for, and when two locks stand in each other's way.

A lock belongs to a process or to an open file description, and covers a range of bytes.  On Linux
those of flock(2) and the record locks of fcntl(2) do not see each other, so a file has two *spaces*
of locks; record locks of a process and of a description (OFD) share one.
"""

from dataclasses import dataclass

from shmrace.model.operations import Operation
from shmrace.model.words import Word

TO_THE_END = 1 << 63
"""Where a range ends that has no end: behind every byte that a file may have."""


class LockFamily(Word):
    """By which call a lock is taken."""

    FLOCK = "flock", "flock(2): the whole file, for an open file description"
    RECORD = "record", "fcntl(2), lockf(3): a range, for a process"
    OFD = "OFD", "fcntl(2) with F_OFD_SETLK: a range, for an open file description"

    @property
    def space(self) -> str:
        """Locks of one file see each other if they are of one space."""
        return "flock" if self is LockFamily.FLOCK else "record"

    @property
    def of_description(self) -> bool:
        """Does an open file description hold it, as opposed to a process?"""
        return self is not LockFamily.RECORD


@dataclass(frozen=True, slots=True)
class LockRequest:
    """What a call says: read once, before it."""

    operation: Operation  # LOCK, TRY_LOCK, UNLOCK or ASK_LOCK
    family: LockFamily
    exclusive: bool = True
    start: int = 0
    end: int = TO_THE_END  # the first byte behind it

    @property
    def takes(self) -> bool:
        """Does it take a lock, if it can?"""
        return self.operation in (Operation.LOCK, Operation.TRY_LOCK)


def overlap(start: int, end: int, other_start: int, other_end: int) -> tuple[int, int] | None:
    """The bytes that two ranges share, as (start, end)."""
    first, last = max(start, other_start), min(end, other_end)
    return (first, last) if first < last else None
