"""Who takes a lock, alone or shared, the whole or a part, and who asks about it."""

import fcntl
import os
from typing import Any

from tests.support.lock_programs.base import (
    OFD_GETLK,
    PATH,
    Locks,
    controlled,
    marked,
    opened,
    tried,
    tried_record,
)


class RecordLock(Locks):
    """A record lock is taken, and given back by another call."""

    def first(self) -> None:
        descriptor = opened()
        fcntl.lockf(descriptor, fcntl.LOCK_EX)
        fcntl.lockf(descriptor, fcntl.LOCK_UN)

    def second(self) -> str:
        return tried_record(opened())


class Question(Locks):
    """F_GETLK takes nothing, and finds the lock held or free."""

    command = fcntl.F_GETLK

    def first(self) -> None:
        fcntl.lockf(opened(), fcntl.LOCK_EX)

    def second(self) -> Any:
        return controlled(opened(), self.command, fcntl.F_WRLCK)


class QuestionByDescription(Question):
    """F_OFD_GETLK sees a record lock."""

    command = OFD_GETLK


class TwoOrders(Locks):
    """Who comes first into a part under a record lock."""

    at_once = Locks.at_once - {"create"}

    def first(self) -> bool:
        descriptor = opened()
        fcntl.lockf(descriptor, fcntl.LOCK_EX)
        first = marked()
        fcntl.lockf(descriptor, fcntl.LOCK_UN)
        return first

    second = first


class NothingGivenBack(Locks):
    """An unlock that gives nothing back lets nobody go on: an outsider may unlink before it."""

    ranks = 3
    at_once = frozenset({"create", "exit"})
    outcomes = 6

    def first(self) -> str:
        try:
            descriptor = opened()
        except FileNotFoundError:
            return "gone"
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
        return "there"

    def second(self) -> None:
        os.unlink(PATH)

    def third(self) -> str:
        try:
            descriptor = opened()
        except FileNotFoundError:
            return "gone"
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.close(descriptor)
        return f"there, {'there' if os.path.exists(PATH) else 'gone'}"


class Apart(Locks):
    """Disjoint ranges are not in each other's way."""

    outcomes = 1

    def first(self) -> None:
        fcntl.lockf(opened(), fcntl.LOCK_EX, 10)

    def second(self) -> str:
        return tried_record(opened(), 10, 10)


class PartGivenBack(Locks):
    """A part of a range is given back: 0 to 9 is free before 10 to 19 is."""

    outcomes = 3

    def first(self) -> None:
        descriptor = opened()
        fcntl.lockf(descriptor, fcntl.LOCK_EX, 20)
        fcntl.lockf(descriptor, fcntl.LOCK_UN, 10)
        fcntl.lockf(descriptor, fcntl.LOCK_UN)

    def second(self) -> Any:
        descriptor = opened()
        return tried_record(descriptor, 10, 10), tried_record(descriptor, 0, 10)


class Conversions(Locks):
    """Two that share a lock both ask for it alone: the first gives its own up, so both get it."""

    at_once = Locks.at_once - {"create"}

    def first(self) -> bool:
        descriptor = opened()
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        first = marked()
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return first

    second = first


class ConversionInVain(Locks):
    """A conversion that fails has given the old lock up."""

    ranks = 3
    outcomes = 6

    def first(self) -> Any:
        descriptor = opened()
        shared = tried(descriptor, fcntl.LOCK_SH)
        return shared, tried(descriptor, fcntl.LOCK_EX)

    def second(self) -> None:
        descriptor = opened()
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    def third(self) -> str:
        return tried(opened())


class Downgrade(Locks):
    """A lock that becomes a shared one lets another share it."""

    def first(self) -> None:
        descriptor = opened()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        fcntl.flock(descriptor, fcntl.LOCK_SH)

    def second(self) -> Any:
        return tried(opened(), fcntl.LOCK_SH)


class Shared(Locks):
    """Two share it, a third wants it alone."""

    ranks = 3

    def first(self) -> None:
        descriptor = opened()
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    second = first

    def third(self) -> str:
        return tried(opened())
