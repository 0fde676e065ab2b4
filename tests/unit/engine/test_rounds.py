"""When an actor polls in vain: a round like an earlier one, and nothing new in what it looks at."""

from shmrace.engine.state.actor import Rounds
from shmrace.model.objects import name_of

LOOK, SLEEP = ("look", "ENOENT", "x"), ("sleep", "ok", "")


def after(*steps: tuple[str, str, str]) -> Rounds:
    rounds = Rounds()
    for step in steps:
        if step is SLEEP:
            rounds.end()
        elif rounds.steps is not None:
            rounds.steps.append(step)
    return rounds


def test_the_first_sleep_ends_no_round() -> None:
    assert not after(LOOK).goes_on_as_before
    assert not after(LOOK, SLEEP, LOOK).goes_on_as_before


def test_a_second_round_like_the_first_goes_on_as_before() -> None:
    assert after(LOOK, SLEEP, LOOK, SLEEP, LOOK).goes_on_as_before


def test_a_round_with_another_outcome_does_not() -> None:
    found = ("look", "ok", "x")
    assert not after(LOOK, SLEEP, LOOK, SLEEP, found).goes_on_as_before


def test_what_two_rounds_have_looked_at_counts_and_no_more() -> None:
    rounds = Rounds()
    for name in "abc":
        rounds.looks_at.add(name_of(name))
        rounds.end()
    assert rounds.objects == {name_of("c")}
