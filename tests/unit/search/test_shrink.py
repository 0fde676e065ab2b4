"""Shrinking finds the simplest schedule that still shows the finding."""

from collections.abc import Callable
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from shmrace.model.schedule import Schedule
from shmrace.search.shrink import Candidate, Cost, Shown, shrink

SAME = Cost(0, 0, 0)


def shrunk(decisions: list[int], shows: Callable[[Schedule], bool]) -> Schedule:
    """Where all schedules cost the same."""

    def show(one: Candidate) -> Shown | None:
        return Shown(one, SAME, ()) if isinstance(one, Schedule) and shows(one) else None

    return shrink(Shown(Schedule(decisions), SAME, ()), show)[0].schedule


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
    shown = {key: Shown(Schedule([key]), cost, ()) for key, cost in costs.items()}

    def show(candidate: Candidate) -> Shown | None:
        return shown.get(candidate.at(0, 10)) if isinstance(candidate, Schedule) else None

    found = [shrink(shown[key], show)[0].schedule.decisions for key in (4, 3, 2)]
    assert found == [(4,), (3,), (2,)]


def test_an_actor_does_at_once_what_it_did_with_others_in_between() -> None:
    """b must come between the first a and the last, and c matters to nobody: of a c b c a b a one
    interruption of a is left."""

    def show(candidate: Candidate) -> Shown | None:
        if isinstance(candidate, Schedule):
            return None
        text = "".join(candidate)
        if not text.startswith("a") or not text.endswith("a") or "b" not in text:
            return None
        switches = len(list(groupby(text))) - 1
        return Shown(Schedule([switches]), Cost(0, switches, 0), candidate)

    found = show(tuple("acbcaba"))
    assert found is not None
    assert "".join(shrink(found, show)[0].movers) in ("aabbcca", "aaccbba", "abbccaa", "accbbaa")
