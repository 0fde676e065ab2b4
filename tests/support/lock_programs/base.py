"""Programs that take file locks, and give them back in all the ways there are.

Each has a file `PATH` that a sender makes; what `first` and `second` return, and sometimes `third`,
tells what they met.
"""

import contextlib
import ctypes
import fcntl
import os
import struct
from typing import Any

import shmrace
from shmrace import World

PATH = "/dev/shm/a"
MARK = "/dev/shm/mark"
_FLOCK = "hhqqi4x"
OFD_GETLK, OFD_SETLK, OFD_SETLKW = 36, 37, 38
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
