"""What one actor changes and another may notice: no order of the two is left out.

Each of `noticed_programs` lets one rank change something that the other looks at.  Both outcomes
have to be met, and each class is run once.  Plain enumeration says what there is to meet.
"""

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import shmrace
from shmrace import World
from shmrace.engine.session import Session
from shmrace.linux.calls.opaque import OPAQUE
from shmrace.linux.syscalls import native
from shmrace.model.assumptions import Assumption
from tests.support.enumerating import enumerated, reduced
from tests.support.noticed_programs import PROGRAMS
from tests.support.noticed_programs.base import LIBC, A, Two, made, tried


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_others_can_notice_is_tried_in_both_orders(program: type[Two]) -> None:
    every = enumerated(program(), tells_links=True)
    fewer = reduced(program(), tells_links=True)
    assert fewer.outcomes == every.outcomes
    assert len(every.outcomes) > 1
    assert fewer.executions == len(fewer.classes)


class Impatient(shmrace.Scenario):
    """A receive that does not wait finds the message or does not; `anybody`: it does not say whose
    message it wants."""

    anybody = False

    def uses_segments(self) -> bool:
        return False

    def rank(self, world: World) -> Any:
        world.barrier()
        if world.rank:
            world.send(0, world.rank)
            return None
        try:
            return world.recv(None if self.anybody else 1, wait=False)
        except BlockingIOError:
            return "nothing yet"


@pytest.mark.parametrize(("anybody", "expected"), [(False, 2), (True, 3)])
def test_a_receive_that_does_not_wait_is_tried_before_each_message(
    anybody: bool, expected: int
) -> None:
    ranks = 3 if anybody else 2
    fewer = reduced(Impatient(ranks=ranks, anybody=anybody))
    every = enumerated(Impatient(ranks=ranks, anybody=anybody), ("start", "end", "exit"))
    assert fewer.outcomes == every.outcomes
    assert len(fewer.outcomes) == expected


class ToSeveral(shmrace.Scenario):
    """Each of two ranks looks whether a broadcast has come."""

    ranks = 3

    def uses_segments(self) -> bool:
        return False

    def rank(self, world: World) -> Any:
        if world.rank == 0:
            world.broadcast("hello")
            return None
        try:
            return world.recv(0, wait=False)
        except BlockingIOError:
            return "nothing yet"


def test_a_broadcast_comes_to_each_of_its_receivers_before_or_after_it_looks() -> None:
    assert len(reduced(ToSeveral()).outcomes) == 4


class FirstOfTwo(shmrace.Scenario):
    """A receive from anybody takes the message of whoever has sent by then."""

    ranks = 3

    def uses_segments(self) -> bool:
        return False

    def rank(self, world: World) -> Any:
        world.barrier()
        if world.rank:
            world.send(0, world.rank)
            return None
        return world.recv()


def test_a_receive_from_anybody_may_take_the_message_of_either() -> None:
    fewer, every = reduced(FirstOfTwo()), enumerated(FirstOfTwo(), ("start", "end", "exit"))
    assert fewer.outcomes == every.outcomes
    assert len(fewer.outcomes) == 2


class Inherited(shmrace.Scenario):
    """Parent and child read on through one open file description."""

    ranks = 1

    def rank(self, world: World) -> Any:
        made(A, b"12")
        descriptor = os.open(A, os.O_RDONLY)
        child = os.fork()
        if child == 0:
            os.read(descriptor, 1)
            os._exit(0)
        got = os.read(descriptor, 1)
        os.waitpid(child, 0)
        os.close(descriptor)
        os.unlink(A)
        return got


def test_processes_that_share_an_open_file_go_on_where_the_other_stopped() -> None:
    fewer, every = reduced(Inherited()), enumerated(Inherited())
    assert fewer.outcomes == every.outcomes
    assert {outcome[1] for outcome in fewer.outcomes} == {
        "[('rank0', b'1')]", "[('rank0', b'2')]"
    }  # fmt: skip


WAIT_OR_HARM = {
    "pause",
    "vhangup",
    "uretprobe",
    "fcntl",
    "ioctl",
    "prctl",
    "futex",
    "madvise",
    "getsockopt",
}
"""Calls that never return, that end the caller or its terminal, or that are opaque only for certain
arguments."""


def opaque_calls() -> Iterator[str]:
    """Those that can be made here without any arguments that mean something."""
    for line in OPAQUE:
        if line.shape.family == "opaque":
            yield from sorted({*line.calls} & native().numbers.keys() - WAIT_OR_HARM)


class MakesASemaphore(shmrace.Scenario):
    """A process of which nobody knows what a call has changed is not kept."""

    ranks = 1
    opaque = True

    def uses_segments(self) -> bool:
        return False

    def rank(self, world: World) -> None:
        if self.opaque:
            LIBC.semget(0, 1, 0o600)


@pytest.mark.parametrize("opaque", [True, False])
def test_a_process_that_made_an_opaque_call_is_not_used_again(opaque: bool) -> None:
    with Session(MakesASemaphore(opaque=opaque)) as session:
        session.run(lambda execution: 0)
        assert session.run(lambda execution: 0).reused is not opaque


class Unknown(shmrace.Scenario):
    """Every opaque call, with arguments that no call takes."""

    ranks = 1

    def sender(self, world: World) -> None:
        made(A)
        world.send("rank0", None)
        world.recv("rank0")

    def rank(self, world: World) -> None:
        world.recv("sender")
        for call in opaque_calls():
            LIBC.syscall(native().numbers[call], *[ctypes.c_long(-1)] * 6)
        LIBC.syscall(490, 0)  # a call of tomorrow
        LIBC.fcntl(0, 1033, 0)  # F_ADD_SEALS
        LIBC.ioctl(0, 0xC0DE, 0)
        LIBC.prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG
        LIBC.madvise(ctypes.c_void_p(0), ctypes.c_size_t(0), 9)  # MADV_REMOVE
        os.unlink(A)
        world.send("sender", None)


def test_a_program_that_makes_calls_of_which_nothing_is_known_is_not_proved() -> None:
    verdict = shmrace.explore(Unknown())
    assert verdict.status == "pass"
    assert not verdict.proof
    assert Assumption.OPAQUE_CALLS in verdict.assumes
    named = {said.split(" of ")[0] for said in verdict.opaque}
    expected = {*opaque_calls(), "call 490", "fcntl", "ioctl", "prctl", "madvise"}
    assert named == expected
    assert len(expected) > 100


class LeftBehind(shmrace.Scenario):
    """Makes System V objects and leaves them; the next execution must not find them."""

    ranks = 2

    def sender(self, world: World) -> None:
        made(A)
        world.send("rank0", None)
        world.send("rank1", None)

    def rank(self, world: World) -> Any:
        world.recv("sender")
        exclusive = 0o3600
        return [
            LIBC.shmget(7, 4096, exclusive) >= 0,
            LIBC.semget(7, 1, exclusive) >= 0,
            LIBC.msgget(7, exclusive) >= 0,
            tried(os.unlink, A) is None,
        ]

    def check(self, execution: shmrace.Execution) -> None:
        results = execution.results
        for kind in range(3):
            assert results["rank0"][kind] != results["rank1"][kind], "exactly one has made it"


def host_objects() -> list[str]:
    """What the host has of System V objects, as text."""
    return [Path(f"/proc/sysvipc/{kind}").read_text() for kind in ("shm", "sem", "msg")]


def test_what_an_execution_leaves_of_system_v_is_gone_before_the_next() -> None:
    before = host_objects()
    verdict = shmrace.explore(LeftBehind(), budget="5s")
    assert verdict.status == "pass", verdict
    assert verdict.executions > 1
    assert before == host_objects()
