"""Idioms under a lock: counts, renewals, growth, and unlink by the last."""

import fcntl
import mmap
import os

from tests.support.correct_programs.guards import GUARDS, begun, ended
from tests.support.correct_programs.player import Player, Steps, idiom
from tests.support.correct_programs.segments import HOWS, Segment, content_of, make

KINDS = tuple(GUARDS)


@idiom(2, 3, guard=KINDS, how=HOWS, rounds=(1, 2), holds=(False, True))
def counted(p: Player, guard: str, how: str, rounds: int, holds: bool) -> Steps:
    """A reference count: who is first makes the segment, who is last unlinks it."""
    lock = begun(p, guard)
    yield
    for _ in range(1 if guard == "turns" else rounds):
        with lock.inside():
            try:
                held = Segment(p.path("x"), how)
            except FileNotFoundError:
                held = Segment(p.path("x"), how, b"\0")
            held.write(bytes([held.read(1)[0] + 1]))
            if not holds:
                held.close()
        yield
        if guard == "turns":
            p.meet()
        with lock.inside():
            if not holds:
                held = Segment(p.path("x"), how)
            left = held.read(1)[0] - 1
            held.write(bytes([left]))
            if not left:
                held.unlink()
            held.close()
        yield
    ended(lock)


@idiom(2, 3, guard=KINDS, how=HOWS, by=("held", "opened"))
def tallied(p: Player, guard: str, how: str, by: str) -> Steps:
    """Each adds one to a number, which is right in the end."""
    if p.me == 0:
        Segment(p.path("n"), how, b"\0").close()
    lock = begun(p, guard)
    held = Segment(p.path("n"), how)
    yield
    with lock.inside():
        if by == "opened":
            held.close()
            held = Segment(p.path("n"), how)
        held.write(bytes([held.read(1)[0] + 1]))
    yield
    p.meet()
    assert held.read(1)[0] == p.count
    held.close()
    ended(lock)
    if p.me == 0:
        held.unlink()


@idiom(2, 3, guard=KINDS, way=("unlink", "rename", "held"))
def renewed(p: Player, guard: str, way: str) -> Steps:
    """Each replaces a segment by its next version, under the same name."""
    path = p.path("v")
    if p.me == 0:
        make(path, b"\0")
    lock = begun(p, guard)
    yield
    with lock.inside():
        fd = os.open(path, os.O_RDWR)
        version = os.read(fd, 1)[0]
        if way != "held":
            os.close(fd)
        if way == "rename":
            make(p.path("part"), bytes([version + 1]))
            os.rename(p.path("part"), path)
        else:
            os.unlink(path)
            make(path, bytes([version + 1]))
        if way == "held":
            os.close(fd)
    yield
    ended(lock)
    p.meet()
    if p.me == 0:
        assert content_of(path) == bytes([p.count])
        os.unlink(path)


@idiom(2, 3, guard=KINDS, mapped=(False, True))
def grown(p: Player, guard: str, mapped: bool) -> Steps:
    """Each makes the file longer by one, and writes there."""
    if p.me == 0:
        make(p.path("log"))
    lock = begun(p, guard)
    fd = os.open(p.path("log"), os.O_RDWR)
    yield
    with lock.inside():
        size = os.fstat(fd).st_size
        os.ftruncate(fd, size + 1)
        if mapped:
            with mmap.mmap(fd, size + 1) as view:
                view[size] = p.me
        else:
            os.pwrite(fd, bytes([p.me]), size)
    yield
    p.meet()
    assert sorted(os.pread(fd, 9, 0)) == list(range(p.count))
    os.close(fd)
    ended(lock)
    if p.me == 0:
        os.unlink(p.path("log"))


@idiom(2, 3)
def appended(p: Player) -> Steps:
    """Each writes at the end without a lock: each write is whole."""
    fd = os.open(p.path("log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(fd, b"%d\n" % p.me)
    os.close(fd)
    yield
    p.meet()
    if p.me == 0:
        assert sorted(content_of(p.path("log")).split()) == [b"%d" % one for one in range(p.count)]
        os.unlink(p.path("log"))


@idiom(2, 3, guard=KINDS)
def pooled(p: Player, guard: str) -> Steps:
    """Each takes the lowest free number, has a segment of that number, and gives it back."""
    lock = begun(p, guard)
    yield
    with lock.inside():
        number = 0
        while os.path.exists(p.path(f"slot{number}")):
            number += 1
        made = Segment(p.path(f"slot{number}"), "calls", b"%d" % p.me)
    yield
    assert made.read(1) == b"%d" % p.me
    made.unlink()
    made.close()
    if guard == "turns":
        p.meet()
    ended(lock)


@idiom(2, 3, writers=(1, 2))
def read_and_written(p: Player, writers: int) -> Steps:
    """Readers share a lock, writers have it alone: nobody sees a half-written pair."""
    if p.me == 0:
        make(p.path("pair"), b"00")
    p.meet()
    fd = os.open(p.path("pair"), os.O_RDWR)
    yield
    if p.me < writers:
        fcntl.flock(fd, fcntl.LOCK_EX)
        os.pwrite(fd, b"%d" % p.me, 0)
        os.pwrite(fd, b"%d" % p.me, 1)
    else:
        fcntl.flock(fd, fcntl.LOCK_SH)
        seen = os.pread(fd, 2, 0)
        assert seen[:1] == seen[1:]
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)
    yield
    p.meet()
    if p.me == 0:
        os.unlink(p.path("pair"))


@idiom(2, 3, own=(False, True))
def in_ranges(p: Player, own: bool) -> Steps:
    """Record locks on a byte each, or on a byte that all share."""
    if p.me == 0:
        make(p.path("r"), b"\0" * 4)
    p.meet()
    fd = os.open(p.path("r"), os.O_RDWR)
    yield
    place = p.me if own else 3
    fcntl.lockf(fd, fcntl.LOCK_EX, 1, place)
    os.pwrite(fd, bytes([os.pread(fd, 1, place)[0] + 1]), place)
    fcntl.lockf(fd, fcntl.LOCK_UN, 1, place)
    yield
    p.meet()
    seen = os.pread(fd, 4, 0)
    assert sum(seen) == p.count
    os.close(fd)
    p.meet()
    if p.me == 0:
        os.unlink(p.path("r"))


@idiom(2, 3, guard=KINDS)
def two_guards(p: Player, guard: str) -> Steps:
    """A lock inside another one, taken in the same order by all."""
    lock = begun(p, guard)
    fd = os.open(p.path("inner"), os.O_RDWR | os.O_CREAT, 0o600)
    yield
    with lock.inside():
        fcntl.flock(fd, fcntl.LOCK_EX)
        made = Segment(p.path("x"), "calls", b"i")
        made.unlink()
        made.close()
        fcntl.flock(fd, fcntl.LOCK_UN)
    yield
    os.close(fd)
    ended(lock)
    p.meet()
    if p.me == 0:
        os.unlink(p.path("inner"))
