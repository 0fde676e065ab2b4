"""Shrinking finds the simplest schedule that still shows the finding."""

from hypothesis import given
from hypothesis import strategies as st

from shmrace.schedule import Schedule
from shmrace.shrink import shrink


def test_what_happens_anyway_shrinks_to_the_empty_schedule() -> None:
    assert shrink(Schedule([3, 0, 1, 2]), lambda schedule: True) == Schedule()


def test_needed_decisions_stay_and_the_others_become_zero() -> None:
    """Only the third decision matters, and it must be at least 2."""

    def shows(schedule: Schedule) -> bool:
        return schedule.at(2, 10) >= 2

    assert shrink(Schedule([1, 4, 7, 2, 5]), shows) == Schedule([0, 0, 2])


@given(st.lists(st.integers(0, 4), max_size=8))
def test_the_result_always_shows_the_finding(decisions: list[int]) -> None:
    def shows(schedule: Schedule) -> bool:
        return sum(schedule.decisions) >= min(3, sum(decisions))

    found = shrink(Schedule(decisions), shows)
    assert shows(found)
    assert sum(found.decisions) == min(3, sum(decisions))
