"""Threads, children and other programs are actors; an actor ends as its process would."""

import importlib
import os
import sys
from typing import Any

import pytest

import shmrace
from shmrace.model.trace import Step
from tests.support.programs import BadSender, Deadlock, Generations, HalfBorn, Keeps, Locks, One


def steps_of(execution: shmrace.Execution, actor: str) -> list[str]:
    return [step.operation for step in execution.trace if step.actor == actor]


def test_threads_are_actors_with_names_of_their_parents() -> None:
    execution = shmrace.run(One(what="threads")).check()
    assert execution.results["rank0"] == [0, 1]
    for thread in ("rank0/1", "rank0/2"):
        done = steps_of(execution, thread)
        assert done[0] == "birth"
        assert done[-1] == "exit"
        assert [one for one in done if one in ("create", "unlink")] == ["create", "unlink"]


def test_a_program_that_an_actor_executes_is_gated_too() -> None:
    """A fresh interpreter looks at the segment: its look is a step of rank0/1."""
    execution = shmrace.run(One(what="another_program")).check()
    assert execution.results["rank0"] == "True"
    looks = [step for step in execution.trace if step.operation == "look"]
    assert [(step.actor, step.segment) for step in looks] == [("rank0/1", "seg0")]


def test_exit_handlers_that_the_body_registered_run_before_the_step_exit() -> None:
    execution = shmrace.run(One(what="handlers_of_its_own")).check()
    assert steps_of(execution, "rank0")[-3:] == ["end", "unlink", "exit"]


def test_without_exit_handlers_what_they_would_have_unlinked_leaks() -> None:
    execution = shmrace.run(One(what="handlers_of_its_own", exit_handlers=False))
    with pytest.raises(shmrace.Leak):
        execution.check()


def test_a_child_that_leaves_the_body_ends_as_a_process_of_its_own() -> None:
    """It runs the handlers that it inherited, exits, and never speaks for its parent."""
    execution = shmrace.run(One(what="a_child_that_leaves_the_body")).check()
    assert execution.results == {"rank0": "parent"}
    assert steps_of(execution, "rank0/1") == ["birth", "unlink", "exit"]
    assert steps_of(execution, "rank0")[-2:] == ["end", "exit"]


def test_spawned_actors_return_raise_or_are_killed() -> None:
    execution = shmrace.run(Generations).check()
    assert execution.results["parent"] == ["returned", "raised", "killed"]
    assert execution.results["fine"] == 0


def test_sleeps_and_timeouts_take_no_time() -> None:
    verdict = shmrace.explore(One(what="time_passes"))
    assert (verdict.status, verdict.assumes) == ("pass", ("timeouts",))
    assert verdict.elapsed < 20


def test_a_deadlock_says_who_waits_for_whom_and_where() -> None:
    with pytest.raises(shmrace.Deadlock) as caught:
        shmrace.run(Deadlock).check()
    line = str(caught.value).splitlines()[0]
    assert line.startswith("deadlock: rank0 waits for a message of rank1 (programs.py:")
    assert "; rank1 waits for a message of rank0 (programs.py:" in line


def test_an_actor_that_burns_time_hangs_and_its_stack_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shmrace.engine.gate.patience.PATIENCE", 1.0)
    with pytest.raises(shmrace.Hang, match=r"rank0 runs on .* \(programs\.py:\d+\)"):
        shmrace.run(One(what="hang")).check()


def test_a_signal_that_ends_a_rank_is_a_crash() -> None:
    with pytest.raises(shmrace.RankCrash, match="rank0 ended by SIGSEGV after unlink"):
        shmrace.run(One(what="crash")).check()


def test_what_nothing_exercises_is_inconclusive() -> None:
    verdict = shmrace.explore(One(what="nothing"))
    assert verdict.reason == "nothing exercised: no segment was created"


@pytest.mark.parametrize(
    ("raises", "message"),
    [(True, r"sender raised ValueError \(programs\.py:\d+\): no image"),
     (False, "sender raised TypeError: what sender returned cannot be pickled")],
)  # fmt: skip
def test_a_sender_that_fails_is_a_finding_about_the_sender(raises: bool, message: str) -> None:
    with pytest.raises(shmrace.RankError, match=message) as caught:
        shmrace.run(BadSender(raises=raises)).check()
    assert "rank0 raised PeerDied because it was waiting for an actor" in str(caught.value)


def test_what_an_actor_printed_stands_in_the_report() -> None:
    with pytest.raises(shmrace.RankError) as caught:
        shmrace.run(One(what="prints")).check()
    assert '      "  before the end' in str(caught.value).splitlines()


def test_an_attach_between_creation_and_size_is_found() -> None:
    verdict = shmrace.explore(HalfBorn)
    assert [finding.kind for finding in verdict.findings] == ["half-born-attach"]


def test_a_mapping_that_outlives_its_segment_is_found_and_a_closed_one_is_not() -> None:
    with pytest.raises(shmrace.LeakedMapping, match="rank0 has returned and still maps seg0"):
        shmrace.run(Keeps).check()
    shmrace.run(Keeps(keeps=False)).check()


semaphores: Any = importlib.import_module("_multiprocessing")


class KeepsASemaphore(shmrace.Scenario):
    """A semaphore, opened by a child by its name, is open until its process ends."""

    @shmrace.actor()
    def parent(self, world: shmrace.World) -> None:
        kept = semaphores.SemLock(1, 0, 1, "/one", False)
        child = os.fork()
        if child == 0:
            semaphores.SemLock._rebuild(-1, 1, 1, "/one")
            os._exit(0)
        os.waitpid(child, 0)
        semaphores.sem_unlink("/one")
        vars(sys)["kept"] = kept


def test_a_semaphore_may_be_open_until_its_process_ends() -> None:
    shmrace.run(KeepsASemaphore).check()


def test_a_file_lock_is_held_by_one_actor_at_a_time() -> None:
    """Between a lock and its unlock nobody else is inside, in every schedule that was run."""
    verdict = shmrace.explore(Locks)
    assert verdict.proof
    with shmrace.begin(Locks) as execution:
        execution.advance("rank0", until="checkpoint")
        execution.advance("rank1")
        assert execution.enabled == ["rank0"]

    def inside(step: Step) -> bool:
        return step.operation in ("lock", "checkpoint", "unlock")

    assert [step.actor for step in execution.trace if inside(step)] == ["rank0"] * 3 + ["rank1"] * 3


class SpawnsAlike(shmrace.Scenario):
    """Each worker spawns the same role, and gives the child no name."""

    @shmrace.actor(count=2)
    def worker(self, world: shmrace.World) -> str:
        return str(world.spawn(self.late).join().status)

    def late(self, world: shmrace.World) -> None:
        world.checkpoint("late")

    def uses_segments(self) -> bool:
        return False


def test_two_actors_may_spawn_the_same_role_before_either_child_is_born() -> None:
    """The second child is called late1, whichever order the two forks take."""
    verdict = shmrace.explore(SpawnsAlike)
    assert verdict.proof
    execution = shmrace.run(SpawnsAlike)
    children = [actor.name for actor in execution.actors if actor.is_role and not actor.part]
    assert sorted(children) == ["late", "late1"]
    assert {execution.record.role(child) for child in children} == {"late"}
