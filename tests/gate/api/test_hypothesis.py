"""Schedules drawn, shrunk and told apart by Hypothesis."""

from multiprocessing import shared_memory
from typing import Any

import pytest
from hypothesis import Phase, example, find, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    rule,
    run_state_machine_as_test,
)

import shmrace
from shmrace.hypothesis import PROFILE
from shmrace.scenario import loading
from tests.support.programs import named_segment

DEFERRED = loading.load("sglang-deferred")
BARRIER = loading.load("sglang-deferred-barrier")


class LeaksOrMisses(shmrace.Scenario):
    """Rank 0 unlinks what rank 1 attaches, unless rank 1 came first: then it thinks it is in use,
    and leaves it."""

    def sender(self, world: shmrace.World) -> str:
        return named_segment()

    def rank(self, world: shmrace.World, name: str) -> None:
        segment = shared_memory.SharedMemory(name)
        content = segment.buf
        assert content is not None
        if world.rank == 1:
            content[0] = 1
        elif content[0] == 0:
            segment.unlink()
        del content
        segment.close()


def test_faults_are_drawn_with_the_schedule_and_shrink_to_one() -> None:
    """A rank that dies before it has come to the barrier leaves the segment to nobody."""
    shown: list[shmrace.Schedule] = []

    @settings(PROFILE, database=None, max_examples=200, derandomize=True)
    @given(schedule=shmrace.schedules(faults=["kill@rank0"]))
    def leaves_nothing(schedule: shmrace.Schedule) -> None:
        with shmrace.keep_processes():
            execution = shmrace.run(BARRIER(ranks=1), schedule)
        if execution.findings:
            shown.append(schedule)
        execution.check()

    with pytest.raises(shmrace.Leak, match="rank0 was killed"):
        leaves_nothing()
    assert shown[-1].faults == ("kill@rank0",)
    assert sum(map(bool, shown[-1].decisions)) == 1


def test_every_list_can_be_drawn_and_the_simplest_is_the_empty_one() -> None:
    quick = settings(PROFILE, database=None, max_examples=2000)
    assert find(shmrace.schedules(), lambda one: True, settings=quick) == []
    assert find(shmrace.schedules(), any, settings=quick) == [1]
    late = find(shmrace.schedules(), lambda one: len(one) > 40 and one[-1] == 3, settings=quick)
    assert len(late) == 41
    assert late[-1] == 3


@given(schedule=shmrace.schedules())
def test_a_schedule_has_small_decisions_and_ends_in_one_that_counts(schedule: list[int]) -> None:
    assert all(0 <= decision < 8 for decision in schedule)
    assert not schedule or schedule[-1] > 0


def test_the_race_shrinks_to_the_empty_schedule() -> None:
    """Nobody has to be interrupted for it."""
    seen: list[list[int]] = []

    @settings(PROFILE, database=None, derandomize=True)
    @given(schedule=shmrace.schedules())
    def missing(schedule: list[int]) -> None:
        seen.append(schedule)
        shmrace.run(DEFERRED, schedule).check()

    with pytest.raises(shmrace.MissingSegment) as caught, shmrace.keep_processes():
        missing()
    assert seen[-1] == []
    assert "schedule=[]" in "\n".join(getattr(caught.value, "__notes__", ()))


def test_a_leak_and_a_missing_segment_are_two_bugs() -> None:
    @settings(PROFILE, database=None, derandomize=True)
    @given(schedule=shmrace.schedules())
    def two(schedule: list[int]) -> None:
        shmrace.run(LeaksOrMisses, schedule).check()

    several = pytest.raises(Exception, match="2 distinct failures")
    with several as caught, shmrace.keep_processes():
        two()
    kinds = {type(error) for error in getattr(caught.value, "exceptions", ())}
    assert kinds == {shmrace.MissingSegment, shmrace.Leak}


@settings(PROFILE, max_examples=15, phases=[Phase.generate])
@given(
    scenario=st.builds(BARRIER, ranks=st.integers(1, 3), shape=st.sampled_from([(2, 2), (8,)])),
    schedule=shmrace.schedules(),
)
def test_parameters_are_drawn_with_the_schedule(
    scenario: shmrace.Scenario, schedule: list[int]
) -> None:
    execution = shmrace.run(scenario, schedule).check()
    assert len(execution.results) == scenario.ranks + 1


def test_a_token_that_fails_is_an_example_that_fails() -> None:
    (finding,) = shmrace.explore(DEFERRED).findings

    @settings(PROFILE, phases=[Phase.explicit], database=None)
    @given(schedule=shmrace.schedules())
    @example(schedule=finding.token)
    def replayed(schedule: Any) -> None:
        shmrace.run(DEFERRED, schedule).check()

    with pytest.raises(shmrace.MissingSegment):
        replayed()


class ByHand(RuleBasedStateMachine):
    """Hypothesis decides, step by step, who goes on; the segment must not go before its readers."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = shmrace.begin(BARRIER)
        self.execution = self.begun.__enter__()

    @rule(which=st.integers(0, 7))
    def step(self, which: int) -> None:
        able = self.execution.enabled
        if able:  # else it is finished
            self.execution.step(able[which % len(able)])

    def teardown(self) -> None:
        self.begun.__exit__(None, None, None)  # runs the rest
        self.execution.check()


class ByHandWithoutBarrier(ByHand):
    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        self.begun = shmrace.begin(DEFERRED)
        self.execution = self.begun.__enter__()


def test_a_state_machine_steps_an_execution_by_hand() -> None:
    few = settings(
        PROFILE, max_examples=15, stateful_step_count=20, database=None, phases=[Phase.generate]
    )
    with shmrace.keep_processes():
        run_state_machine_as_test(ByHand, settings=few)
        with pytest.raises(shmrace.MissingSegment):
            run_state_machine_as_test(ByHandWithoutBarrier, settings=few)
