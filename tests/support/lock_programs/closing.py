"""Locks that are given back by closing a descriptor, and by the end of their holder."""

import fcntl
import os
from typing import Any

from shmrace import World
from tests.support.lock_programs.base import MARK, PATH, Locks, opened, tried


class ClosedLater(Locks):
    """Between an unlink and the close that gives the lock back, another finds the name gone and
    the lock taken."""

    outcomes = 4
    at_once = frozenset({"create", "attach", "exit"})

    def rank(self, world: World) -> Any:
        world.recv("sender")
        descriptor = os.open(PATH, os.O_RDWR)
        world.barrier()
        if world.rank == 0:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.unlink(PATH)
            self.let_go(descriptor)
            return None
        there = os.path.exists(PATH)
        met = there, tried(descriptor)
        os.close(descriptor)
        return met

    def let_go(self, descriptor: int) -> None:
        os.close(descriptor)


class CoveredByAnother(ClosedLater):
    """dup2 puts another file there."""

    def let_go(self, descriptor: int) -> None:
        os.dup2(2, descriptor)


class ClosedInARange(ClosedLater):
    """close_range closes it among others."""

    def let_go(self, descriptor: int) -> None:
        os.closerange(descriptor - 1, descriptor + 1)


class ClosedTwice(ClosedLater):
    """A duplicate holds the lock until it is closed too."""

    def let_go(self, descriptor: int) -> None:
        another = os.dup(descriptor)
        os.close(descriptor)
        os.path.exists(MARK)
        os.close(another)


class HeldToTheEnd(Locks):
    """The end of its process gives it back."""

    at_once = Locks.at_once - {"exit"}
    start, keeps = "fork", True

    def first(self) -> None:
        fcntl.flock(opened(), fcntl.LOCK_EX)
