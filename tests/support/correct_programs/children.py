"""Idioms of one rank and its children: spawned, forked, told by pipes, asked for, executed."""

import array
import mmap
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from tests.support.correct_programs.player import Player, Steps, idiom
from tests.support.correct_programs.segments import HOWS, Segment, content_of, make


def forked(body: Callable[[], Any]) -> int:
    """The number of a child that runs this, and leaves with status 7 if it raises."""
    pid = os.fork()
    if pid == 0:
        status = 7
        try:
            body()
            status = 0
        finally:
            os._exit(status)
    return pid


def awaited(pid: int) -> int:
    """How a child ended: its exit status, or minus its signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@idiom(1, how=HOWS, count=(1, 2), unlinks=("parent", "child"))
def spawned(p: Player, how: str, count: int, unlinks: str) -> Steps:
    """Spawned actors attach what their parent made; it joins them, or the only one is the last."""
    held = Segment(p.path("x"), how, b"s")
    last = unlinks == "child" and count == 1

    def body() -> int:
        mine = Segment(p.path("x"), how)
        assert mine.read(1) == b"s"
        if last:
            mine.unlink()
        mine.close()
        return 5

    children = [p.world.spawn(p.scenario.child, body) for _ in range(count)]
    yield
    for child in children:
        joined = child.join()
        assert (joined.status, joined.value) == ("returned", 5), joined
    if not last:
        held.unlink()
    held.close()


@idiom(1, how=HOWS, way=("inherits", "attaches", "makes"), detached=(False, True))
def forked_child(p: Player, how: str, way: str, detached: bool) -> Steps:
    """A forked child uses what it inherits, attaches it anew, or makes what its parent unlinks."""
    path = p.path("x")
    if way != "makes":
        held = Segment(path, how, b"f")

    def body() -> None:
        if way == "makes":
            Segment(path, how, b"f").close()
        elif way == "inherits":
            assert held.read(1) == b"f"
            held.write(b"g")
        else:
            mine = Segment(path, how)
            assert mine.read(1) == b"f"
            mine.write(b"g")
            mine.close()

    pid = forked(body)
    yield
    if detached and way != "makes":
        held.unlink() if way == "inherits" else None
    assert awaited(pid) == 0
    if way == "makes":
        held = Segment(path, how)
        assert held.read(1) == b"f"
    else:
        assert held.read(1) == b"g"
    if way != "inherits" or not detached:
        held.unlink()
    held.close()


@idiom(1, wait=("read", "poll", "select", "epoll"))
def piped(p: Player, wait: str) -> Steps:
    """A child tells its parent by a pipe, and waits by another one until it may leave."""
    path = p.path("x")
    there, here = os.pipe(), os.pipe()

    def body() -> None:
        make(path, b"p")
        os.write(there[1], path.encode())
        assert os.read(here[0], 1) == b"!"
        os.unlink(path)

    pid = forked(body)
    os.close(there[1])
    os.close(here[0])
    yield
    if wait == "poll":
        poll = select.poll()
        poll.register(there[0], select.POLLIN)
        assert poll.poll()
    elif wait == "select":
        assert select.select([there[0]], [], [])[0]
    elif wait == "epoll":
        with select.epoll() as events:
            events.register(there[0], select.EPOLLIN)
            assert events.poll()
    told = os.read(there[0], 64)
    assert told == path.encode()
    assert content_of(path) == b"p"
    os.write(here[1], b"!")
    yield
    assert os.read(there[0], 1) == b""
    assert awaited(pid) == 0
    os.close(there[0])
    os.close(here[1])


@idiom(1, how=("kill", "proc", "pidfd", "poll", "waitid"))
def asked_for(p: Player, how: str) -> Steps:
    """A child lives while it waits for its parent, and is gone once it has been awaited."""
    path = p.path("x")
    waits = os.pipe()

    def body() -> None:
        os.read(waits[0], 1)
        make(path, b"a")

    pid = forked(body)
    yield
    if how == "kill":
        os.kill(pid, 0)
    elif how == "proc":
        assert os.path.exists(f"/proc/{pid}")
    elif how == "waitid":
        assert os.waitpid(pid, os.WNOHANG) == (0, 0)
    else:
        fd = os.pidfd_open(pid)
        assert not select.select([fd], [], [], 0)[0]
    os.write(waits[1], b"!")
    if how == "poll":
        assert select.select([fd], [], [])[0]
        assert content_of(path) == b"a"
    if how in ("poll", "pidfd"):
        os.close(fd)
    if how == "waitid":
        seen = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert seen is not None and seen.si_status == 0
    yield
    assert awaited(pid) == 0
    if how == "kill":
        try:
            os.kill(pid, 0)
            raise AssertionError("it lives")
        except ProcessLookupError:
            pass
    elif how == "proc":
        assert not os.path.exists(f"/proc/{pid}")
    os.unlink(path)
    os.close(waits[0])
    os.close(waits[1])


@idiom(1, way=("fork", "proc", "socket"), mapped=(False, True))
def memory_without_a_name(p: Player, way: str, mapped: bool) -> Steps:
    """A memfd is shared with a child by inheritance, by way of /proc, or by a message."""
    memory = os.memfd_create("m")
    os.ftruncate(memory, 2)
    here, there = socket.socketpair()
    mine = os.getpid()

    def body() -> None:
        if way == "fork":
            fd = memory
        elif way == "proc":
            fd = os.open(f"/proc/{mine}/fd/{memory}", os.O_RDWR)
        else:
            _, fds, _, _ = socket.recv_fds(there, 1, 1)
            (fd,) = fds
        if mapped:
            with mmap.mmap(fd, 2) as view:
                view[:2] = b"mm"
        else:
            os.pwrite(fd, b"mm", 0)

    pid = forked(body)
    if way == "socket":
        socket.send_fds(here, [b"!"], array.array("i", [memory]))
    yield
    assert awaited(pid) == 0
    assert os.pread(memory, 2, 0) == b"mm"
    os.close(memory)
    here.close()
    there.close()


@idiom(1, deaf=(False, True))
def told_by_a_child(p: Player, deaf: bool) -> Steps:
    """A child sends its parent a signal, for which that waits; SIGCHLD is waited for as well."""
    path = p.path("x")
    number = signal.SIGCHLD if deaf else signal.SIGUSR2
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    mine = os.getpid()

    def body() -> None:
        make(path, b"c")
        if not deaf:
            os.kill(mine, number)

    pid = forked(body)
    if deaf:  # another child's end may be told as well
        while not os.waitpid(pid, os.WNOHANG)[0]:
            assert signal.sigwait([number]) == number
    else:
        assert signal.sigwait([number]) == number
        assert awaited(pid) == 0
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert content_of(path) == b"c"
    os.unlink(path)
    yield


@idiom(1, way=("run", "shell", "output", "input", "python", "inherit"))
def executed(p: Player, way: str) -> Steps:
    """Another program reads the segment."""
    path = p.path("x")
    make(path, b"e\n")
    if way == "run":
        assert subprocess.run(["cat", path], stdout=subprocess.DEVNULL).returncode == 0
    elif way == "shell":
        assert subprocess.getoutput(f"cat {path}") == "e"
    elif way == "output":
        assert subprocess.check_output(["cat", path]) == b"e\n"
    elif way == "input":
        done = subprocess.run(["cat", path, "-"], input=b"i", capture_output=True)
        assert (done.stdout, done.returncode) == (b"e\ni", 0)
    elif way == "python":
        text = f"import os; os.unlink({path!r})"
        assert subprocess.run([sys.executable, "-S", "-c", text]).returncode == 0
    else:
        fd = os.open(path, os.O_RDONLY)
        with subprocess.Popen(["cat"], stdin=fd, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.read() == b"e\n"
        os.close(fd)
    yield
    if way == "python":
        assert not os.path.exists(path)
    else:
        os.unlink(path)
