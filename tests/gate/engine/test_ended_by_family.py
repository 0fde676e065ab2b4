"""Children that a signal ends: of their family, their own, or the kernel's for what they did."""

import ctypes
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

import shmrace
from shmrace import World
from shmrace.linux.syscalls import native

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
SEGMENT = "/dev/shm/x"


def forked(body: Callable[[], Any]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            body()
        finally:
            os._exit(7)
    return pid


def ended(pid: int) -> int:
    """Its exit status, or minus its signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def waits() -> None:
    os.read(os.pipe()[0], 1)


def itself() -> None:
    assert ended(forked(lambda: os.kill(os.getpid(), signal.SIGKILL))) == -signal.SIGKILL


def sibling() -> None:
    first = forked(waits)
    assert ended(forked(lambda: os.kill(first, signal.SIGTERM))) == 7
    assert ended(first) == -signal.SIGTERM


def by_a_pipe() -> None:
    """Nobody reads what it writes."""
    reader, writer = os.pipe()
    os.close(reader)

    def body() -> None:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.write(writer, b"x")

    assert ended(forked(body)) == -signal.SIGPIPE
    os.close(writer)


def with_its_parent() -> None:
    """Its parent waits until it has asked to end with it, and leaves."""
    reader, writer = os.pipe()

    def inner() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.write(writer, b"!")
        waits()

    def body() -> None:
        forked(inner)
        os.read(reader, 1)

    assert ended(forked(body)) == 7
    os.close(reader)
    os.close(writer)


def once_it_takes_signals() -> None:
    """It comes while the signal is blocked, and ends the child later."""
    reader, writer = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])

    def body() -> None:
        os.read(reader, 1)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])

    pid = forked(body)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.kill(pid, signal.SIGTERM)
    os.write(writer, b"!")
    assert ended(pid) == -signal.SIGTERM
    os.close(reader)
    os.close(writer)


def by_its_handler() -> None:
    """The handler cleans up and sends the signal once more."""
    reader, writer = os.pipe()

    def handle(number: int, _: object) -> None:
        os.unlink(f"{SEGMENT}1")
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def body() -> None:
        signal.signal(signal.SIGTERM, handle)
        os.close(os.open(f"{SEGMENT}1", os.O_CREAT | os.O_RDWR))
        os.write(writer, b"!")
        while True:
            time.sleep(1000)

    pid = forked(body)
    os.read(reader, 1)
    os.kill(pid, signal.SIGTERM)
    assert ended(pid) == -signal.SIGTERM
    os.close(reader)
    os.close(writer)


class Parent(shmrace.Scenario):
    """One rank that has a child, which a signal ends."""

    ranks = 1
    how = "itself"

    def rank(self, world: World) -> None:
        os.close(os.open(SEGMENT, os.O_CREAT | os.O_RDWR))
        WAYS[self.how]()
        os.unlink(SEGMENT)


WAYS: dict[str, Callable[[], None]] = {
    one.__name__: one
    for one in (
        itself, sibling, by_a_pipe, with_its_parent, once_it_takes_signals,
        by_its_handler,
    )
}  # fmt: skip


@pytest.mark.parametrize("how", [*WAYS])
def test_a_child_that_its_family_or_itself_ends_has_not_crashed(how: str) -> None:
    verdict = shmrace.explore(Parent(how=how), budget="30s, 20 executions")
    assert (verdict.status, verdict.findings) == ("pass", ())


def test_a_child_that_aborts_has_crashed() -> None:
    WAYS["aborts"] = lambda: print(ended(forked(os.abort)))
    try:
        (finding,) = shmrace.explore(Parent(how="aborts"), budget="20 executions").findings
    finally:
        del WAYS["aborts"]
    assert finding.kind == "rank-crash"
    assert "rank0/1 ended by SIGABRT" in finding.message


def test_a_process_whose_last_thread_exits_is_dead_for_who_waits_for_it() -> None:
    """The call is `exit`, which ends a thread, and not `exit_group`."""
    number = native().numbers["exit"]
    WAYS["last"] = lambda: check(ended(forked(lambda: LIBC.syscall(number, 3))))

    def check(status: int) -> None:
        assert status == 3

    try:
        verdict = shmrace.explore(Parent(how="last"), budget="20 executions")
    finally:
        del WAYS["last"]
    assert (verdict.status, verdict.findings) == ("pass", ())
