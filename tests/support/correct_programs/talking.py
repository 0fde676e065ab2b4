"""Idioms about what ranks tell each other: by signals, FIFOs, sockets, messages and locks."""

import contextlib
import fcntl
import os
import select
import signal
import socket
import time

from tests.support.correct_programs.guards import (
    SEMAPHORES,
)
from tests.support.correct_programs.player import Player, Steps, idiom
from tests.support.correct_programs.segments import HOWS, Segment, content_of, make


@idiom(2, how=("sigwait", "sigwaitinfo", "sigtimedwait", "wakeup", "handler"))
def signalled(p: Player, how: str) -> Steps:
    """One waits for the signal that another sends once the segment is there."""
    path = p.path("x")
    if p.me == 0:
        blocks = how not in ("wakeup", "handler")
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1] if blocks else [])
        reader, writer = os.pipe()
        seen: list[int] = []
        if not blocks:
            signal.signal(signal.SIGUSR1, lambda number, _: seen.append(number))
        if how == "wakeup":
            os.set_blocking(writer, False)
            signal.set_wakeup_fd(writer)
        p.tell(1, os.getpid())
        if how == "sigwait":
            assert signal.sigwait([signal.SIGUSR1]) == signal.SIGUSR1
        elif how == "sigwaitinfo":
            assert signal.sigwaitinfo([signal.SIGUSR1]).si_signo == signal.SIGUSR1
        elif how == "sigtimedwait":
            found = signal.sigtimedwait([signal.SIGUSR1], 1000)
            assert found is not None and found.si_signo == signal.SIGUSR1
        elif how == "wakeup":
            assert os.read(reader, 1) == bytes([signal.SIGUSR1])
            signal.set_wakeup_fd(-1)
        else:
            while not seen:
                time.sleep(0.1)
        if not blocks:
            signal.signal(signal.SIGUSR1, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(reader)
        os.close(writer)
        assert content_of(path) == b"s"
        os.unlink(path)
    else:
        waiter = p.hear(0)
        make(path, b"s")
        os.kill(waiter, signal.SIGUSR1)
    yield


@idiom(2, 3, polls=(False, True))
def by_fifo(p: Player, polls: bool) -> Steps:
    """Readers of a FIFO wait in its open for who writes."""
    path = p.path(f"fifo{max(p.me, 1)}")
    if p.me:
        os.mkfifo(path, 0o600)
        p.tell(0)
        fd = os.open(path, os.O_RDONLY)
        if polls:
            assert select.select([fd], [], [])[0]
        assert os.read(fd, 1) == b"f"
        assert os.read(fd, 1) == b""
        os.close(fd)
        os.unlink(path)
    else:
        for other in range(1, p.count):
            p.hear(other)
            fd = os.open(p.path(f"fifo{other}"), os.O_WRONLY)
            os.write(fd, b"f")
            os.close(fd)
    yield


@idiom(2, kind=("stream", "datagram"), sends=("name", "descriptor", "memory"))
def by_socket(p: Player, kind: str, sends: str) -> Steps:
    """A socket in /dev/shm takes the name or the descriptor of a segment to another rank."""
    address, path = p.path("socket"), p.path("x")
    what = socket.SOCK_STREAM if kind == "stream" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_UNIX, what) as mine:
        if p.me:
            mine.bind(address)
            if kind == "stream":
                mine.listen()
            p.tell(0)
            end = mine.accept()[0] if kind == "stream" else mine
            text, fds, _, _ = socket.recv_fds(end, 64, 1)
            if sends == "name":
                fds = [os.open(text.decode(), os.O_RDONLY)]
            assert os.pread(fds[0], 1, 0) == b"k"
            os.close(fds[0])
            if end is not mine:
                end.close()
            os.unlink(address)
        else:
            p.hear(1)
            if sends == "memory":
                fd = os.memfd_create("m")
            else:
                fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
            os.write(fd, b"k")
            mine.connect(address)
            if sends == "name":
                mine.send(path.encode())
            else:
                socket.send_fds(mine, [b"!"], [fd])
            os.close(fd)
    p.meet()
    yield
    if p.me == 0 and sends != "memory":
        os.unlink(path)


@idiom(2, 3, how=HOWS, away=("sleep", "yield"))
def overheard(p: Player, how: str, away: str) -> Steps:
    """Who looks for a message without waiting for it tries again later."""
    if p.me == 0:
        held = Segment(p.path("x"), how, b"o")
        for other in range(1, p.count):
            p.tell(other)
        for other in range(1, p.count):
            p.hear(other)
        held.unlink()
        held.close()
    else:
        while True:
            try:
                p.overhear(0)
                break
            except BlockingIOError:
                if away == "sleep":
                    time.sleep(0.01)
                else:
                    os.sched_yield()
        held = Segment(p.path("x"), how)
        assert held.read(1) == b"o"
        held.close()
        p.tell(0)
    yield


@idiom(2, way=("waits", "polls", "timed"))
def by_named_semaphore(p: Player, way: str) -> Steps:
    """A POSIX semaphore tells that the segment is there; who waited for it unlinks both."""
    name = f"/{p.tag}event"
    if p.me == 0:
        event = SEMAPHORES.SemLock(1, 0, 1, name, False)
        p.tell(1)
        make(p.path("x"), b"e")
        event.release()
    else:
        p.hear(0)
        event = SEMAPHORES.SemLock._rebuild(0, 1, 1, name)
        if way == "waits":
            event.acquire()
        elif way == "timed":
            assert event.acquire(True, 1000)
        else:
            while not event.acquire(False):
                time.sleep(0.01)
        assert content_of(p.path("x")) == b"e"
        os.unlink(p.path("x"))
        SEMAPHORES.sem_unlink(name)
    yield


@idiom(2, 3, holds=("lock", "record"))
def outlived(p: Player, holds: str) -> Steps:
    """Who waits for a lock gets it when its holder is through, and then removes its file."""
    lock = fcntl.flock if holds == "lock" else fcntl.lockf
    path = p.path("x")
    if p.me == 0:
        fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        lock(fd, fcntl.LOCK_EX)
        p.from_first("messages")
        os.write(fd, b"done")
        os.close(fd)
    else:
        p.from_first("messages")
        fd = os.open(path, os.O_RDWR)
        lock(fd, fcntl.LOCK_EX)
        assert os.pread(fd, 4, 0) == b"done"
        os.close(fd)
    p.meet()
    yield
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
