"""File locks: who waits for whom, what gives a lock back, and that every order is tried.

That no outcome is missing among those of each program is held against plain enumeration in
`tests/reference/test_locks_against_enumeration.py`.
"""

import fcntl
import os
from typing import Any

import pytest

import shmrace
from shmrace import World
from tests.support.enumerating import reduced
from tests.support.lock_programs import PROGRAMS
from tests.support.lock_programs.base import PATH, Locks, opened, tried, tried_record

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_order_of_lock_and_release_is_tried_once(program: type[Locks]) -> None:
    found = reduced(program())
    assert len(found.outcomes) == program.outcomes
    assert found.executions == len(found.classes)


def traced(program: type[Locks]) -> list[tuple[str, str]]:
    """What happens to locks when each actor does all it can before the next one goes on."""
    words = ("lock", "try-lock", "unlock", "lock?", "close")
    steps = shmrace.run(program).trace
    return [(one.operation, one.outcome) for one in steps if one.operation in words]


class Calls(Locks):
    """Locks, a question, and an unlock too many."""

    ranks = 1

    def first(self) -> None:
        descriptor = opened()
        fcntl.lockf(descriptor, fcntl.LOCK_EX)
        fcntl.lockf(descriptor, fcntl.LOCK_UN)
        fcntl.fcntl(descriptor, fcntl.F_GETLK, bytes(32))  # of kind F_RDLCK
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        another = opened()
        fcntl.flock(another, fcntl.LOCK_EX)
        tried(descriptor)
        os.close(another)


def test_each_call_is_told_by_what_it_asked_for() -> None:
    assert traced(Calls) == [
        ("lock", "ok"), ("unlock", "ok"), ("lock?", "ok"), ("unlock", "nothing"), ("lock", "ok"),
        ("try-lock", "EWOULDBLOCK"), ("close", "ok"),
    ]  # fmt: skip


class Refused(Locks):
    """Calls that the kernel refuses for their arguments take nothing."""

    ranks = 1

    def first(self) -> None:
        descriptor = os.open(PATH, os.O_RDONLY)
        for refused in (
            lambda: fcntl.lockf(descriptor, fcntl.LOCK_EX),  # it is not open for writing
            lambda: fcntl.lockf(descriptor, fcntl.LOCK_SH, 1, -5),
            lambda: fcntl.flock(descriptor, 0),
            lambda: fcntl.flock(os.open(PATH, os.O_PATH), fcntl.LOCK_EX),
        ):
            with pytest.raises(OSError):  # noqa: PT011
                refused()
        os.close(descriptor)


def test_a_call_that_is_refused_for_its_arguments_is_no_step() -> None:
    assert traced(Refused) == []


class DiesWithIt(Locks):
    """A rank that a fault may kill while it holds a lock."""

    def first(self) -> None:
        descriptor = opened()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.path.exists(PATH)
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    def second(self) -> Any:
        os.path.exists(PATH)
        return tried(opened())

    met: str

    def check(self, execution: shmrace.Execution) -> None:
        died = any(death.actor == "rank0" for death in execution.deaths)
        assert (died, execution.results.get("rank1")) != (True, self.met)


@pytest.mark.parametrize("met", ["mine", "taken"])
def test_a_lock_is_held_until_its_holder_is_killed_and_not_longer(met: str) -> None:
    program = type("Dies", (DiesWithIt,), {"met": met})
    verdict = shmrace.explore(program, faults=["kill:flock@rank0"])
    assert [one.kind for one in verdict.findings] == ["invariant"]


class Sweep(shmrace.Scenario):
    """A lock that its holder keeps for life tells a sweeper whether the holder has ended."""

    @shmrace.actor()
    def creator(self, world: World) -> None:
        self.lock = os.open(f"{PATH}.lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        os.close(os.open(PATH, os.O_RDWR | os.O_CREAT))

    @shmrace.actor()
    def sweeper(self, world: World) -> str:
        try:
            descriptor = os.open(f"{PATH}.lock", os.O_RDWR)
        except FileNotFoundError:
            return "not there yet"
        return tried(descriptor)

    met = ""

    def accept(self, finding: Any, execution: Any) -> bool:
        return bool(finding.kind == "leak")

    def check(self, execution: shmrace.Execution) -> None:
        assert execution.results["sweeper"] != self.met


@pytest.mark.parametrize("start", ["warm", "fork"])
@pytest.mark.parametrize("met", ["not there yet", "taken", "mine"])
def test_a_lock_held_for_life_ends_with_its_holder(met: str, start: str) -> None:
    program = type("Sweeps", (Sweep,), {"met": met, "start": start})
    verdict = shmrace.explore(program)
    assert [one.kind for one in verdict.findings] == ["invariant"]


class UnderALock(shmrace.Scenario):
    """Each rank writes bytes under a lock; `close` alone gives it back."""

    record = False

    def sender(self, world: World) -> None:
        descriptor = os.open(PATH, os.O_CREAT | os.O_RDWR)
        os.ftruncate(descriptor, 8)
        os.close(descriptor)
        for rank in range(self.ranks):
            world.send(f"rank{rank}", None)

    def rank(self, world: World) -> None:
        world.recv("sender")
        descriptor = os.open(PATH, os.O_RDWR)
        if self.record:
            fcntl.lockf(descriptor, fcntl.LOCK_EX)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        count = os.pread(descriptor, 1, 0)[0]
        os.pwrite(descriptor, bytes([count + 1]), 0)
        os.close(descriptor)
        if count == self.ranks - 1:
            os.unlink(PATH)


@pytest.mark.parametrize("record", [False, True])
def test_a_close_that_gives_a_lock_back_orders_what_was_done_under_it(record: bool) -> None:
    verdict = shmrace.explore(UnderALock(record=record))
    assert verdict.proof, verdict.assumes


def test_a_wait_for_a_lock_that_nobody_gives_back_is_a_deadlock() -> None:
    class Waits(Locks):
        ranks = 1

        def first(self) -> None:
            fcntl.flock(opened(), fcntl.LOCK_EX)
            fcntl.flock(opened(), fcntl.LOCK_EX)

    verdict = shmrace.explore(Waits)
    assert [one.kind for one in verdict.findings] == ["deadlock"]


def test_a_record_lock_that_is_widened_waits_for_others_alone() -> None:
    """Its own lock is the first in the way of a stranger, and the other's is behind it."""

    class Widened(Locks):
        def first(self) -> None:
            descriptor = opened()
            fcntl.lockf(descriptor, fcntl.LOCK_EX, 10)
            fcntl.lockf(descriptor, fcntl.LOCK_EX, 20)

        def second(self) -> str:
            return tried_record(opened(), 10, 10)

    found = reduced(Widened())
    assert len(found.outcomes) == 2
