"""A fault is a decision: tried at each step by the exhaustive explorer, replayed by its token."""

import os

import pytest

import shmrace
from shmrace.engine.execution import Execution
from shmrace.engine.faults.rules import Fault, parse
from shmrace.engine.session import Session
from shmrace.errors import UsageError
from shmrace.scenario import loading
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search

BARRIER = loading.load("sglang-deferred-barrier")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("kill", Fault("kill")),
        ("kill@rank*", Fault("kill", "*", "rank*")),
        ("kill:unlink@rank0", Fault("kill", "unlink", "rank0")),
        ("term@sender", Fault("term", "*", "sender")),
        ("ENOSPC:size@sender", Fault("ENOSPC", "size", "sender")),
    ],
)
def test_a_fault_is_spelled_what_where_whom(text: str, fault: Fault) -> None:
    assert parse(text) == fault


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown fault 'burn@rank0'"):
        parse("burn@rank0")


def test_a_call_fails_only_as_its_manual_page_allows() -> None:
    with pytest.raises(UsageError, match="map does not fail with ENOSPC; it may with EACCES"):
        parse("ENOSPC:map")


def test_a_death_before_the_barrier_leaks_and_one_after_it_does_not() -> None:
    """Of all classes with at most one death of a rank, those in which nobody unlinks leak."""
    search = Search(
        BARRIER(ranks=2),
        SearchOptions.parse(budget=Budget(60), faults=["kill@rank*"], keep_going=True),
    )
    verdict = search.run()
    assert verdict.complete
    assert {finding.kind for finding in verdict.findings} == {"leak"}
    (finding,) = verdict.findings
    assert finding.faults
    execution = shmrace.run(BARRIER, finding.token)
    assert [step.operation for step in execution.trace if step.outcome == "killed"] == ["kill"]
    with pytest.raises(shmrace.Leak, match="was killed"):
        execution.check()


def test_who_waits_for_the_dead_learns_so_and_is_a_consequence() -> None:
    with shmrace.begin(BARRIER(ranks=2)) as execution:
        execution.advance("sender")
        execution.advance("rank0", until="barrier")
        execution.kill("rank1")
    assert execution.endings["rank0"].peer_died
    (finding,) = execution.findings
    assert finding.kind == "leak"
    assert finding.explanation.peers == (("rank0", "PeerDied"),)


def test_the_walk_draws_faults_too() -> None:
    verdict = shmrace.explore(
        BARRIER(ranks=2), explorer="walk", faults=["kill@rank*"], budget="60 executions"
    )
    assert [finding.kind for finding in verdict.findings] == ["leak"]


class OpenOrCreate(shmrace.Scenario):
    """Whoever opens first creates; the other one attaches, and may fail."""

    def rank(self, world: shmrace.World) -> str:
        try:
            os.close(os.open("/dev/shm/a", os.O_CREAT | os.O_RDWR))
        except PermissionError:
            return "refused"
        return "opened"

    def accept(self, finding: object, execution: object) -> bool:
        return True  # the name is nobody's to remove


def test_a_fault_strikes_an_open_that_has_become_an_attach_at_its_gate() -> None:
    """Both stand there while the name is missing: the second open is known by the first."""
    met = set()

    class Told(OpenOrCreate):
        def check(self, execution: shmrace.Execution) -> None:
            met.add((execution.results["rank0"], execution.results["rank1"]))

    shmrace.explore(Told, faults=["EACCES:attach"])
    assert met == {("opened", "opened"), ("refused", "opened"), ("opened", "refused")}


class Meets(shmrace.Scenario):
    """Rank 0 creates in front of a barrier, and rank 1 attaches behind it."""

    ranks = 3

    def rank(self, world: shmrace.World) -> list[str]:
        met = []
        if world.rank == 0:
            os.close(os.open("/dev/shm/a", os.O_CREAT | os.O_RDWR))
        try:
            world.barrier()
        except shmrace.PeerDied:
            met.append("a peer is dead")
        if world.rank == 1:
            met.append("there" if os.path.exists("/dev/shm/a") else "not there")
        return met

    def accept(self, finding: object, execution: object) -> bool:
        return True


def test_a_barrier_that_a_death_ends_orders_nobody_behind_those_who_had_come() -> None:
    met = set()

    class Told(Meets):
        def check(self, execution: shmrace.Execution) -> None:
            if execution.deaths and execution.deaths[0].actor == "rank2":
                met.add(repr(execution.results["rank1"]))

    shmrace.explore(Told, faults=["kill@rank2"])
    assert met == {"['there']", "['a peer is dead', 'there']", "['a peer is dead', 'not there']"}


def test_who_dies_where_it_stands_in_a_barrier_has_not_come() -> None:
    with shmrace.begin(Meets) as execution:
        for rank in ("rank2", "rank0", "rank1"):
            execution.advance(rank, until="barrier")
        execution.kill("rank2")
    assert execution.results["rank1"] == ["a peer is dead", "there"]
    assert execution.results["rank0"] == ["a peer is dead"]


class Creates(shmrace.Scenario):
    """Of its calls some may fail for want of space, and the others may not."""

    ranks = 1

    def rank(self, world: shmrace.World) -> None:
        descriptor = os.open("/dev/shm/a", os.O_CREAT | os.O_RDWR)
        os.posix_fallocate(descriptor, 0, 8)
        os.close(descriptor)
        os.unlink("/dev/shm/a")


def test_an_errno_without_an_operation_strikes_calls_that_may_fail_so_and_no_others() -> None:
    offered: set[str] = set()
    with Session(Creates(), [parse("ENOSPC")]) as session:

        def choose(execution: Execution) -> int:
            offered.update(one.operation for one in execution.choices() if one.fault)
            return 0

        session.run(choose)
    assert offered == {"create", "reserve"}
