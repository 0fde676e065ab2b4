"""Calls of which nothing is known may wait: others go on, and end the wait."""

import ctypes
import os
import select
import signal
import time
from typing import Any

import pytest

import shmrace
from shmrace import World
from shmrace.model.assumptions import Assumption

FIFO = "/dev/shm/fifo"
LIBC = ctypes.CDLL(None, use_errno=True)
CREATE, REMOVE, SETVAL = 0o1000, 0, 16


class Waits(shmrace.Scenario):
    """Rank 0 waits in a call, and rank 1 does what ends the wait."""

    def uses_segments(self) -> bool:
        return False

    def rank(self, world: World) -> None:
        if world.rank == 0:
            self.wait(world)
        else:
            self.wake(world)

    def wait(self, world: World) -> None: ...
    def wake(self, world: World) -> None: ...


class Pauses(Waits):
    def wait(self, world: World) -> None:
        signal.signal(signal.SIGUSR1, lambda *_: None)
        world.send(1, os.getpid())
        signal.pause()

    def wake(self, world: World) -> None:
        os.kill(world.recv(0), signal.SIGUSR1)


class WaitsForASignal(Pauses):
    def wait(self, world: World) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        world.send(1, os.getpid())
        assert signal.sigwait([signal.SIGUSR1]) == signal.SIGUSR1


class OpensAFifo(Waits):
    def wait(self, world: World) -> None:
        os.mkfifo(FIFO)
        world.send(1, None)
        descriptor = os.open(FIFO, os.O_RDONLY)
        assert os.read(descriptor, 1) == b"x"
        os.close(descriptor)
        os.unlink(FIFO)

    def wake(self, world: World) -> None:
        world.recv(0)
        descriptor = os.open(FIFO, os.O_WRONLY)
        os.write(descriptor, b"x")
        os.close(descriptor)


class Buffer(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_long), ("text", ctypes.c_char * 8)]


class TakesAMessage(Waits):
    def wait(self, world: World) -> None:
        queue, taken = LIBC.msgget(7, CREATE | 0o600), Buffer()
        assert LIBC.msgrcv(queue, ctypes.byref(taken), 8, 0, 0) == 8
        assert taken.text == b"hello"

    def wake(self, world: World) -> None:
        queue, sent = LIBC.msgget(7, CREATE | 0o600), Buffer(1, b"hello")
        assert LIBC.msgsnd(queue, ctypes.byref(sent), 8, 0) == 0


class Operation(ctypes.Structure):
    _fields_ = [("place", ctypes.c_ushort), ("by", ctypes.c_short), ("flags", ctypes.c_short)]


class TakesASemaphore(Waits):
    def wait(self, world: World) -> None:
        self.change(-1)

    def wake(self, world: World) -> None:
        self.change(1)

    def change(self, by: int) -> None:
        semaphore = LIBC.semget(7, 1, CREATE | 0o600)
        assert LIBC.semop(semaphore, ctypes.byref(Operation(0, by, 0)), 1) == 0


class ReadsASignal(Pauses):
    """No other process can see that the descriptor is ready."""

    polls = False

    def wait(self, world: World) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        mask = (ctypes.c_ulong * 16)(1 << (signal.SIGUSR1 - 1))
        descriptor = LIBC.signalfd(-1, mask, 0)
        world.send(1, os.getpid())
        if self.polls:
            assert select.select([descriptor], [], [])[0]
        assert len(os.read(descriptor, 128)) == 128
        os.close(descriptor)


class PollsForASignal(ReadsASignal):
    polls = True


class ReadsATimer(Waits):
    """Real time ends the wait, and not what another does."""

    def wait(self, world: World) -> None:
        descriptor = LIBC.timerfd_create(1, 0)
        LIBC.timerfd_settime(descriptor, 0, (ctypes.c_long * 4)(0, 0, 0, 30_000_000), None)
        assert len(os.read(descriptor, 8)) == 8
        os.close(descriptor)


WAITS: list[Any] = [
    Pauses, WaitsForASignal, OpensAFifo, TakesAMessage, TakesASemaphore, ReadsASignal,
    PollsForASignal, ReadsATimer,
]  # fmt: skip


@pytest.mark.parametrize("program", WAITS)
def test_who_waits_in_a_call_that_is_not_known_goes_on_when_another_ends_the_wait(
    program: type[Waits],
) -> None:
    verdict = shmrace.explore(program)
    assert (verdict.status, verdict.complete, verdict.findings) == ("pass", True, ())
    assert Assumption.OPAQUE_CALLS in verdict.assumes


class LooksWhenWoken(Waits):
    """Who is woken looks at once whether there is something to read, while the other is busy."""

    def wait(self, world: World) -> None:
        os.mkfifo(FIFO)
        world.send(1, None)
        descriptor = os.open(FIFO, os.O_RDONLY)
        assert select.select([descriptor], [], [], 0)[0]
        os.close(descriptor)
        os.unlink(FIFO)

    def wake(self, world: World) -> None:
        world.recv(0)
        descriptor = os.open(FIFO, os.O_WRONLY)
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until:
            pass
        os.write(descriptor, b"x")
        world.checkpoint("written")
        os.close(descriptor)


def test_who_is_woken_moves_when_who_woke_it_stands_still() -> None:
    """It finds what the other has written in the same step."""
    verdict = shmrace.explore(LooksWhenWoken)
    assert (verdict.status, verdict.complete, verdict.findings) == ("pass", True, ())


class PausesForEver(Waits):
    def wait(self, world: World) -> None:
        signal.pause()


def test_who_is_never_woken_is_told_by_its_call() -> None:
    (finding,) = shmrace.explore(PausesForEver).findings
    assert finding.kind == "deadlock"
    assert "rank0 waits in pause, of which shmrace does not know what ends it" in finding.message
    assert "test_unknown_waits.py" in finding.message


class ReadsATerminal(shmrace.Scenario):
    """A child answers on a terminal, as a program does that `pty.spawn` has started."""

    def uses_segments(self) -> bool:
        return False

    @shmrace.actor()
    def parent(self, world: World) -> bytes:
        near, far = self.ends(world)
        child = os.fork()
        if child == 0:
            os.write(far, b"x\n")
            os._exit(0)
        said = os.read(near, 1)
        os.waitpid(child, 0)
        return said

    def ends(self, world: World) -> tuple[int, int]:
        return os.openpty()


class ReadsAFifo(ReadsATerminal):
    """Likewise through a FIFO that is open for both."""

    def ends(self, world: World) -> tuple[int, int]:
        os.mkfifo(os.path.join(world.directory, "fifo"))
        end = os.open(os.path.join(world.directory, "fifo"), os.O_RDWR)
        return end, end


@pytest.mark.parametrize("program", [ReadsATerminal, ReadsAFifo])
def test_what_has_a_path_and_is_no_file_is_waited_for(program: type[ReadsATerminal]) -> None:
    """parent: reads, in vain | parent/1: writes | parent: goes on"""
    verdict = shmrace.explore(program)
    assert (verdict.status, verdict.complete, verdict.findings) == ("pass", True, ())
