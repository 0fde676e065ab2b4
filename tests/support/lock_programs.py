"""Programs that take file locks, and give them back in all the ways there are.

Each has a file `PATH` that a sender makes; what `first` and `second` return, and sometimes `third`,
tells what they met.
"""

import contextlib
import ctypes
import fcntl
import os
import struct
import subprocess
from typing import Any

import shmrace
from shmrace import World

PATH = "/dev/shm/a"
MARK = "/dev/shm/mark"
_FLOCK = "hhqqi4x"
_OFD_GETLK, _OFD_SETLK, _OFD_SETLKW = 36, 37, 38
_libc = ctypes.CDLL(None, use_errno=True)


_opened: list[int] = []


def opened() -> int:
    """A descriptor of the file, open until the rank returns, or longer where it is `kept`."""
    _opened.append(os.open(PATH, os.O_RDWR))
    return _opened[-1]


def tried(descriptor: int, operation: int = fcntl.LOCK_EX) -> str:
    """flock(2) without waiting."""
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except OSError:
        return "taken"
    return "mine"


def tried_record(descriptor: int, start: int = 0, length: int = 0) -> str:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
    except OSError:
        return "taken"
    return "mine"


def controlled(descriptor: int, command: int, kind: int, start: int = 0, length: int = 0) -> Any:
    """fcntl(2) with a `struct flock`; the kind of lock that it holds afterwards, -1 on failure."""
    asked = ctypes.create_string_buffer(struct.pack(_FLOCK, kind, 0, start, length, 0))
    if _libc.fcntl(descriptor, command, asked):
        return -1
    return struct.unpack_from("h", asked)[0]


def marked() -> bool:
    """Was this the first to ask?"""
    try:
        os.close(os.open(MARK, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


class Locks(shmrace.Scenario):
    """What each rank does is for the subclass to say."""

    ranks = 2
    start = "warm"
    keeps = False  # what it has opened, until it ends
    at_once: frozenset[str] = frozenset({"create", "attach", "birth", "exit"})
    """Operations that make no difference here, besides those of an actor by itself."""
    outcomes = 2
    """How many different ones there are."""
    forks = False

    def sender(self, world: World) -> None:
        os.close(os.open(PATH, os.O_CREAT | os.O_RDWR))
        for rank in range(self.ranks):
            world.send(f"rank{rank}", None)

    def rank(self, world: World) -> Any:
        world.recv("sender")
        _opened.clear()
        met = [self.first, self.second, self.third][world.rank]()
        for descriptor in () if self.keeps else _opened:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        return met

    def accept(self, finding: Any, execution: Any) -> bool:
        return bool(finding.kind == "leak")  # the file is nobody's to remove

    def first(self) -> Any: ...
    def second(self) -> Any:
        return tried(opened())

    def third(self) -> Any: ...


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

    command = _OFD_GETLK


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
        assert controlled(opened(), _OFD_SETLKW, fcntl.F_WRLCK) == fcntl.F_WRLCK

    def second(self) -> str:
        return tried_record(opened())


class TwoDescriptions(Locks):
    """Two open file descriptions of one process are in each other's way."""

    outcomes = 1
    ranks = 1

    def first(self) -> Any:
        one, two = opened(), opened()
        controlled(one, _OFD_SETLK, fcntl.F_WRLCK, 0, 10)
        both = controlled(two, _OFD_SETLK, fcntl.F_WRLCK, 5, 10), tried(one), tried(two)
        os.close(one)
        return both, controlled(two, _OFD_SETLK, fcntl.F_WRLCK, 5, 10), tried(two)


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


class InheritedByAChild(Locks):
    """A child has the open file description too: the lock is free when both have closed it."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"fork", "wait"}

    def first(self) -> None:
        descriptor = opened()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        child = os.fork()
        if child == 0:
            os.close(descriptor)
            os._exit(0)
        os.close(descriptor)
        os.waitpid(child, 0)


class LockedBehindAFork(Locks):
    """The parent locks what its child has inherited: whether the child's end still counts depends
    on whether it has ended before."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"fork"}

    def first(self) -> None:
        descriptor = opened()
        child = os.fork()
        if child == 0:
            os._exit(0)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.close(descriptor)
        os.path.exists(MARK)
        os.waitpid(child, 0)

    def second(self) -> str:
        os.path.exists(MARK)
        return tried(opened())


class UnlockedByAChild(Locks):
    """A child gives back what its parent has taken, before or behind it."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"fork", "wait"}

    def first(self) -> str:
        descriptor = opened()
        child = os.fork()
        if child == 0:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os._exit(0)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.waitpid(child, 0)
        return tried(opened())

    def second(self) -> None: ...


class ChildOfAHolder(Locks):
    """A child has no record lock of its parent, and cannot give it back."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"fork", "wait"}

    def first(self) -> int:
        descriptor = opened()
        fcntl.lockf(descriptor, fcntl.LOCK_EX)
        child = os.fork()
        if child == 0:
            taken = tried_record(descriptor) == "taken"
            os.close(descriptor)
            os._exit(int(taken))
        status = os.waitpid(child, 0)[1]
        fcntl.lockf(descriptor, fcntl.LOCK_UN)
        return status

    def second(self) -> str:
        return tried_record(opened())


class Executed(Locks):
    """A program that is started holds what it has inherited, until its exec closes it."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"wait", "thread"}
    inherited = False

    def first(self) -> None:
        descriptor = opened()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        child = os.fork()
        if child == 0:
            os.set_inheritable(descriptor, self.inherited)
            os.execv("/bin/true", ["true"])
        os.close(descriptor)
        os.waitpid(child, 0)


class ExecutedWithIt(Executed):
    """A descriptor that lives on holds it until the program's end."""

    inherited = True


class RecordsSurviveAnExec(Locks):
    """A record lock lives on through an exec that closes no descriptor of the file."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"wait", "fork"}

    def first(self) -> None:
        if os.fork() == 0:
            descriptor = opened()
            os.set_inheritable(descriptor, True)
            fcntl.lockf(descriptor, fcntl.LOCK_EX)
            os.execv("/bin/true", ["true"])
        os.wait()

    def second(self) -> str:
        return tried_record(opened())


class StartedMeanwhile(Locks):
    """subprocess starts a program while a lock is held."""

    forks = True
    at_once = Locks.at_once | {"wait", "stat", "map", "read"}

    def first(self) -> None:
        descriptor = opened()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        subprocess.run(["/bin/true"], check=True)
        os.close(descriptor)


PROGRAMS = (
    RecordLock, Question, QuestionByDescription, TwoOrders, NothingGivenBack, ClosedLater,
    CoveredByAnother, ClosedInARange, ClosedTwice, HeldToTheEnd, SecondDescriptor, TwoFamilies,
    DescriptionAgainstProcess, TwoDescriptions, Apart, PartGivenBack, Conversions,
    ConversionInVain, Downgrade, Shared, InheritedByAChild, LockedBehindAFork, UnlockedByAChild,
    ChildOfAHolder,
    Executed, ExecutedWithIt, RecordsSurviveAnExec, StartedMeanwhile,
)  # fmt: skip
