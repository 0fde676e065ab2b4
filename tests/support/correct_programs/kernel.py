"""Idioms with semaphores, queues and memory of System V and POSIX, which no path leads to."""

import ctypes
import os

from tests.support.correct_programs.guards import (
    IPC_CREAT,
    IPC_RMID,
    LIBC,
    SETVAL,
    checked,
)
from tests.support.correct_programs.player import Player, Steps, idiom
from tests.support.correct_programs.segments import content_of, make

LIBC.shmat.restype = ctypes.c_void_p
LIBC.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
LIBC.shmdt.argtypes = [ctypes.c_void_p]


class _Operation(ctypes.Structure):
    _fields_ = [("number", ctypes.c_ushort), ("by", ctypes.c_short), ("flags", ctypes.c_short)]


def _key(p: Player) -> int:
    return 0x5400 + ord(p.tag[0])


@idiom(2, 3)
def by_system_v_semaphore(p: Player) -> Steps:
    """All others wait until the first has made the segment; the first removes what it made."""
    if p.me == 0:
        number = checked(LIBC.semget(_key(p), 1, IPC_CREAT | 0o600))
        checked(LIBC.semctl(number, 0, SETVAL, 0))
        for other in range(1, p.count):
            p.tell(other, number)
        make(p.path("x"), b"v")
        checked(LIBC.semop(number, ctypes.byref(_Operation(0, p.count - 1, 0)), 1))
    else:
        number = p.hear(0)
        checked(LIBC.semop(number, ctypes.byref(_Operation(0, -1, 0)), 1))
        assert content_of(p.path("x")) == b"v"
    p.meet()
    yield
    if p.me == 0:
        checked(LIBC.semctl(number, 0, IPC_RMID))
        os.unlink(p.path("x"))


class _Message(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_long), ("text", ctypes.c_char * 16)]


@idiom(2, first=(0, 1))
def by_system_v_queue(p: Player, first: int) -> Steps:
    """A message of System V tells the name; its receiver is the last, and removes the queue."""
    queue = checked(LIBC.msgget(_key(p), IPC_CREAT | 0o600))
    if p.me == first:
        make(p.path("x"), b"m")
        sent = _Message(1, p.path("x").encode())
        checked(LIBC.msgsnd(queue, ctypes.byref(sent), 16, 0))
    else:
        taken = _Message()
        checked(LIBC.msgrcv(queue, ctypes.byref(taken), 16, 0, 0))
        assert content_of(taken.text.decode()) == b"m"
        os.unlink(p.path("x"))
    p.meet()
    if p.me == 0:
        checked(LIBC.msgctl(queue, IPC_RMID, None))
    yield


@idiom(2, 3, early=(False, True))
def by_system_v_memory(p: Player, early: bool) -> Steps:
    """Memory of System V, removed by its maker while the others have it, or after them."""
    if p.me == 0:
        number = checked(LIBC.shmget(_key(p), 16, IPC_CREAT | 0o600))
        where = LIBC.shmat(number, None, 0)
        ctypes.memmove(where, b"v", 1)
        make(p.path("number"), b"%d" % number)
        p.meet()
    else:
        p.meet()
        number = int(content_of(p.path("number")))
        where = LIBC.shmat(number, None, 0)
    p.meet()
    if p.me == 0:
        os.unlink(p.path("number"))
        if early:
            checked(LIBC.shmctl(number, IPC_RMID, None))
    yield
    assert ctypes.string_at(where, 1) == b"v"
    checked(LIBC.shmdt(where))
    p.meet()
    if p.me == 0 and not early:
        checked(LIBC.shmctl(number, IPC_RMID, None))


@idiom(2, first=(0, 1))
def by_posix_queue(p: Player, first: int) -> Steps:
    """A message queue of POSIX tells the name; its receiver unlinks the queue."""
    name = f"/{p.tag}queue".encode()
    queue = checked(LIBC.mq_open(name, os.O_CREAT | os.O_RDWR, 0o600, None))
    p.meet()
    if p.me == first:
        make(p.path("x"), b"q")
        text = p.path("x").encode()
        checked(LIBC.mq_send(queue, text, len(text), 0))
    else:
        space = ctypes.create_string_buffer(8192)
        size = checked(LIBC.mq_receive(queue, space, 8192, None))
        assert content_of(space.raw[:size].decode()) == b"q"
        os.unlink(p.path("x"))
        checked(LIBC.mq_unlink(name))
    checked(LIBC.mq_close(queue))
    yield
