"""Locks among ranks: who is inside one is there alone."""

import contextlib
import ctypes
import fcntl
import importlib
import os
import struct
import time
from collections.abc import Iterator
from typing import Any

from tests.support.correct_programs.player import Player

LIBC = ctypes.CDLL(None, use_errno=True)
SEMAPHORES: Any = importlib.import_module("_multiprocessing")
IPC_CREAT, IPC_RMID, SETVAL, SEM_UNDO = 0o1000, 0, 16, 0x1000
F_OFD_SETLKW = 38
_SEMAPHORE = 1


def checked(result: int) -> int:
    """The result of a call of the C library; raises its errno."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


class Guard:
    """The first member makes it before all else, and removes it when all are through."""

    def __init__(self, p: Player) -> None:
        self.p = p
        self.path = p.path("guard")

    def make(self) -> None: ...
    def open(self) -> None: ...
    def close(self) -> None: ...
    def remove(self) -> None: ...

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        yield


class _File(Guard):
    """A lock on a file, which stays until all are through."""

    def open(self) -> None:
        self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)

    def close(self) -> None:
        os.close(self.fd)

    def remove(self) -> None:
        os.unlink(self.path)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        self.lock(fcntl.LOCK_EX)
        try:
            yield
        finally:
            self.lock(fcntl.LOCK_UN)

    def lock(self, how: int) -> None:
        fcntl.flock(self.fd, how)


class _Records(_File):
    def lock(self, how: int) -> None:
        fcntl.lockf(self.fd, how, 1, 3)


class _OpenFileRecords(_File):
    """A record lock of an open file description."""

    def lock(self, how: int) -> None:
        kind = {fcntl.LOCK_EX: fcntl.F_WRLCK, fcntl.LOCK_UN: fcntl.F_UNLCK}[how]
        fcntl.fcntl(self.fd, F_OFD_SETLKW, struct.pack("hhqqi4x", kind, os.SEEK_SET, 0, 1, 0))


class _Patient(_File):
    """Tries without waiting, and sleeps in between."""

    def lock(self, how: int) -> None:
        while True:
            try:
                return fcntl.flock(self.fd, how | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.01)


class _OpenedEachTime(Guard):
    """The file is opened for each lock, and closing it gives the lock back."""

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        with open(self.path, "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def remove(self) -> None:
        with contextlib.suppress(FileNotFoundError):  # nobody has been inside
            os.unlink(self.path)


class _Removed(Guard):
    """The lock file is removed by each who leaves; who has locked what was removed starts over."""

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        while True:
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(fd, fcntl.LOCK_EX)
            try:
                if os.stat(self.path).st_ino == os.fstat(fd).st_ino:
                    break
            except FileNotFoundError:
                pass
            os.close(fd)
        try:
            yield
        finally:
            os.unlink(self.path)
            os.close(fd)


class _Named(Guard):
    """Who makes the name is inside; the others try again after a sleep."""

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        while True:
            try:
                self.take()
                break
            except FileExistsError:
                time.sleep(0.01)
        try:
            yield
        finally:
            self.give_back()

    def take(self) -> None:
        os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def give_back(self) -> None:
        os.unlink(self.path)


class _Directory(_Named):
    def take(self) -> None:
        os.mkdir(self.path)

    def give_back(self) -> None:
        os.rmdir(self.path)


class _Link(_Named):
    """A hard link to a file of one's own."""

    def open(self) -> None:
        self.own = f"{self.path}{self.p.me}"
        os.close(os.open(self.own, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def take(self) -> None:
        os.link(self.own, self.path)

    def close(self) -> None:
        os.unlink(self.own)


class _SymbolicLink(_Named):
    """A link to nowhere, whose text tells who is inside."""

    def take(self) -> None:
        os.symlink(f"member{self.p.me}", self.path)

    def give_back(self) -> None:
        assert os.readlink(self.path) == f"member{self.p.me}"
        os.unlink(self.path)


class _NamedSemaphore(Guard):
    """A POSIX semaphore, opened by its name."""

    @property
    def name(self) -> str:
        return f"/{self.p.tag}guard"

    def make(self) -> None:
        self.lock = SEMAPHORES.SemLock(_SEMAPHORE, 1, 1, self.name, False)

    def open(self) -> None:
        if self.p.me:
            self.lock = SEMAPHORES.SemLock._rebuild(0, _SEMAPHORE, 1, self.name)

    def remove(self) -> None:
        SEMAPHORES.sem_unlink(self.name)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        with self.lock:
            yield


class _Buffer(ctypes.Structure):
    _fields_ = [("number", ctypes.c_ushort), ("by", ctypes.c_short), ("flags", ctypes.c_short)]


class _SystemV(Guard):
    """A System V semaphore, found by its key."""

    @property
    def key(self) -> int:
        return 0x5300 + ord(self.p.tag[0])

    def make(self) -> None:
        self.number = checked(LIBC.semget(self.key, 1, IPC_CREAT | 0o600))
        checked(LIBC.semctl(self.number, 0, SETVAL, 1))

    def open(self) -> None:
        if self.p.me:
            self.number = checked(LIBC.semget(self.key, 1, 0o600))

    def remove(self) -> None:
        checked(LIBC.semctl(self.number, 0, IPC_RMID))

    def add(self, by: int) -> None:
        checked(LIBC.semop(self.number, ctypes.byref(_Buffer(0, by, SEM_UNDO)), 1))

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        self.add(-1)
        try:
            yield
        finally:
            self.add(1)


class _Turns(Guard):
    """Each hands the turn to the next by a message."""

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        if self.p.me:
            self.p.hear(self.p.me - 1)
        yield
        if self.p.me + 1 < self.p.count:
            self.p.tell(self.p.me + 1)


GUARDS: dict[str, type[Guard]] = {
    "flock": _File,
    "records": _Records,
    "open-file-records": _OpenFileRecords,
    "patient": _Patient,
    "opened-each-time": _OpenedEachTime,
    "removed": _Removed,
    "named": _Named,
    "directory": _Directory,
    "link": _Link,
    "symbolic-link": _SymbolicLink,
    "named-semaphore": _NamedSemaphore,
    "system-v": _SystemV,
    "turns": _Turns,
}


def begun(p: Player, kind: str) -> Guard:
    """A guard that all members have opened."""
    guard = GUARDS[kind](p)
    if p.me == 0:
        guard.make()
    p.meet()
    guard.open()
    return guard


def ended(guard: Guard) -> None:
    """All members are through with it."""
    guard.close()
    guard.p.meet()
    if guard.p.me == 0:
        guard.remove()
