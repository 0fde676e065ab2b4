"""Locks of flock(2), record locks and locks of descriptions, one beside the other."""

import fcntl
import os
from typing import Any

from tests.support.lock_programs.base import (
    MARK,
    OFD_SETLK,
    OFD_SETLKW,
    Locks,
    controlled,
    opened,
    tried,
    tried_record,
)


class SecondDescriptor(Locks):
    """Closing any descriptor of the file ends the record locks of the process."""

    def first(self) -> None:
        descriptor = opened()
        fcntl.lockf(descriptor, fcntl.LOCK_EX)
        os.close(opened())
        os.path.exists(MARK)

    def second(self) -> str:
        return tried_record(opened())


class TwoFamilies(Locks):
    """flock and record locks do not see each other."""

    outcomes = 1

    def first(self) -> None:
        fcntl.flock(opened(), fcntl.LOCK_EX)

    def second(self) -> str:
        return tried_record(opened())


class DescriptionAgainstProcess(Locks):
    """A record lock of an open file description and one of a process are in each other's way."""

    def first(self) -> None:
        assert controlled(opened(), OFD_SETLKW, fcntl.F_WRLCK) == fcntl.F_WRLCK

    def second(self) -> str:
        return tried_record(opened())


class TwoDescriptions(Locks):
    """Two open file descriptions of one process are in each other's way."""

    outcomes = 1
    ranks = 1

    def first(self) -> Any:
        one, two = opened(), opened()
        controlled(one, OFD_SETLK, fcntl.F_WRLCK, 0, 10)
        both = controlled(two, OFD_SETLK, fcntl.F_WRLCK, 5, 10), tried(one), tried(two)
        os.close(one)
        return both, controlled(two, OFD_SETLK, fcntl.F_WRLCK, 5, 10), tried(two)
