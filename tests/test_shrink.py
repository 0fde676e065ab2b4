"""Shrinking finds the simplest schedule that still shows the finding."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from shmrace.schedule import Schedule
from shmrace.shrink import Cost, shrink

SAME = Cost(0, 0, 0)


def shrunk(decisions: list[int], shows: Callable[[Schedule], bool]) -> Schedule:
    """Where all schedules cost the same."""
    return shrink(Schedule(decisions), SAME, lambda one: SAME if shows(one) else None)[0]


def test_what_happens_anyway_shrinks_to_the_empty_schedule() -> None:
    assert shrunk([3, 0, 1, 2], lambda schedule: True) == Schedule()


def test_needed_decisions_stay_and_the_others_become_zero() -> None:
    """Only the third decision matters, and it must be at least 2."""
    assert shrunk([1, 4, 7, 2, 5], lambda schedule: schedule.at(2, 10) >= 2) == Schedule([0, 0, 2])


@given(st.lists(st.integers(0, 4), max_size=8))
def test_the_result_always_shows_the_finding(decisions: list[int]) -> None:
    def shows(schedule: Schedule) -> bool:
        return sum(schedule.decisions) >= min(3, sum(decisions))

    found = shrunk(decisions, shows)
    assert shows(found)
    assert sum(found.decisions) == min(3, sum(decisions))


def test_faults_count_more_than_preemptions_and_these_more_than_steps() -> None:
    """[1] needs a fault, [2] two preemptions, [3] one, [4] the same in fewer steps; what is shorter
    needs more."""
    costs = {1: Cost(1, 0, 1), 2: Cost(0, 2, 5), 3: Cost(0, 1, 9), 4: Cost(0, 1, 8)}

    def measure(schedule: Schedule) -> Cost | None:
        return costs.get(schedule.at(0, 10))

    assert shrink(Schedule([4]), costs[4], measure) == (Schedule([4]), costs[4])
    assert shrink(Schedule([3]), costs[3], measure) == (Schedule([3]), costs[3])
    assert shrink(Schedule([2]), costs[2], measure) == (Schedule([2]), costs[2])
