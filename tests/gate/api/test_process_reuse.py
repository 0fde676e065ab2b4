"""Processes kept from one example of a Hypothesis test to the next, and when they are not."""

import os
from multiprocessing import shared_memory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import shmrace
from shmrace.api import process_reuse
from shmrace.engine.processes.forkserver import ForkServer
from shmrace.hypothesis import PROFILE
from tests.support.programs import Cached, make_and_unlink

FIVE = settings(PROFILE, max_examples=5, database=None, derandomize=True)


class Clean(shmrace.Scenario):
    """Nothing to find."""

    wide = 1

    def rank(self, world: shmrace.World) -> int:
        make_and_unlink()
        return os.getpid()


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> list[shmrace.Scenario]:
    """The scenarios for which a fork server was started, in order."""
    found: list[shmrace.Scenario] = []
    own = ForkServer.__init__

    def counted(self: ForkServer, scenario: shmrace.Scenario, terminal: str = "") -> None:
        found.append(scenario)
        own(self, scenario, terminal)

    monkeypatch.setattr(ForkServer, "__init__", counted)
    return found


def test_the_examples_of_one_test_share_their_processes(forks: list[shmrace.Scenario]) -> None:
    @FIVE
    @given(schedule=shmrace.schedules())
    def test(schedule: list[int]) -> None:
        shmrace.run(Clean, schedule).check()

    with shmrace.keep_processes():
        test()
        assert len(forks) == 2, "and the second example once more in processes of its own"
    assert process_reuse._sessions == {}


def test_another_parameter_takes_other_processes(forks: list[shmrace.Scenario]) -> None:
    @FIVE
    @given(wide=st.integers(1, 2))
    def test(wide: int) -> None:
        shmrace.run(Clean(wide=wide)).check()

    with shmrace.keep_processes():
        test()
    assert [scenario.parameters()["wide"] for scenario in forks] == [1, 2]


def test_outside_of_hypothesis_each_run_forks(forks: list[shmrace.Scenario]) -> None:
    """The test may have changed anything since the last one."""
    with shmrace.keep_processes():
        for _ in range(2):
            shmrace.run(Clean).check()
    assert len(forks) == 2


def test_no_more_than_four_are_kept_at_once() -> None:
    @settings(PROFILE, max_examples=12, database=None, derandomize=True)
    @given(wide=st.integers(1, 10))
    def test(wide: int) -> None:
        shmrace.run(Clean(wide=wide)).check()
        assert len(process_reuse._sessions) <= 4

    with shmrace.keep_processes():
        test()


def test_an_execution_within_another_takes_processes_of_its_own(
    forks: list[shmrace.Scenario],
) -> None:
    @FIVE
    @given(schedule=shmrace.schedules())
    def test(schedule: list[int]) -> None:
        with shmrace.begin(Clean) as execution:
            execution.advance("rank0")
            shmrace.run(Clean, schedule).check()
        execution.check()

    with shmrace.keep_processes():
        test()
    assert len(forks) == 6


def test_a_cache_in_a_module_does_not_hide_a_race_from_an_example() -> None:
    """A rank that remembers is noticed in the first example; from then on each one forks."""

    @settings(PROFILE, max_examples=3, database=None, phases=[Phase.generate])
    @given(schedule=st.lists(st.integers(1, 3), min_size=1))
    def test(schedule: list[int]) -> None:
        shmrace.run(Cached, [0, 0, 0, 0, 0, 1, *schedule])
        shmrace.run(Cached).check()

    with pytest.raises(shmrace.MissingSegment), shmrace.keep_processes():
        test()


def test_what_a_pass_in_kept_processes_rests_on_is_said() -> None:
    seen = []

    @FIVE
    @given(schedule=shmrace.schedules())
    def test(schedule: list[int]) -> None:
        verdict = shmrace.run(Clean, schedule).verdict
        assert verdict is not None
        seen.append(verdict.assumes)

    with shmrace.keep_processes():
        test()
    assert seen[0] == ()
    assert seen[1:] == [("warm",)] * 4


class Switched(Clean):
    """Leaks if it is told to, in one of three ways."""

    _private = False

    def rank(self, world: shmrace.World) -> int:
        segment = shared_memory.SharedMemory(create=True, size=8)
        segment.close()
        if not (self._private or LEAKS or self.told()):
            segment.unlink()
        return 0

    def told(self) -> bool:
        return False


LEAKS: list[int] = []


@pytest.mark.parametrize("way", ["class", "method", "instance"])
def test_an_example_that_changes_the_scenario_gets_processes_that_know(way: str) -> None:
    @FIVE
    @given(leaks=st.booleans())
    def test(leaks: bool) -> None:
        scenario = Switched(ranks=1)
        with pytest.MonkeyPatch.context() as patch:
            if way == "class":
                patch.setattr(Switched, "_private", leaks)
            elif way == "method":
                patch.setattr(Switched, "told", lambda self: leaks)
            else:
                scenario._private = leaks
            kinds = [finding.kind for finding in shmrace.run(scenario).findings]
        assert kinds == ["leak"] * leaks

    with shmrace.keep_processes():
        test()


def test_a_global_that_examples_change_is_noticed_in_the_second_one() -> None:
    """What is repeated is repeated in processes forked from the test as it is then."""

    @FIVE
    @given(leaks=st.booleans())
    def test(leaks: bool) -> None:
        LEAKS[:] = [1] if leaks else []
        kinds = [finding.kind for finding in shmrace.run(Switched(ranks=1)).findings]
        assert kinds == ["leak"] * leaks

    with shmrace.keep_processes():
        test()
    LEAKS.clear()


def test_a_deadline_that_forking_misses_is_named() -> None:
    @settings(FIVE, deadline=200)
    @given(schedule=shmrace.schedules())
    def test(schedule: list[int]) -> None:
        shmrace.run(Clean, schedule)

    with shmrace.keep_processes(), pytest.raises(shmrace.UsageError, match=r"deadline of 0\.2 s"):
        test()
