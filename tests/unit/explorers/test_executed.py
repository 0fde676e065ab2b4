"""Which turns an execution begins with, whatever the order in which it made them."""

from shmrace.explorers.executed import Executed
from shmrace.explorers.footprint import Footprints
from shmrace.model.objects import Mode, name_of
from shmrace.model.trace import Turn


def turn(actor: str, name: str, outcome: str = "ok") -> Turn:
    accesses = frozenset({(name_of(name), Mode.WRITE)})
    return Turn(actor, "create", accesses, signature=((actor, "create", outcome, name),))


def entered(*runs: tuple[list[Turn], list[int]], whole: bool = True) -> Executed:
    """These executions; with each the turns before each turn, as sets."""
    executed, footprints = Executed(), Footprints()
    for turns, past in runs:
        executed.enter([footprints.of(one) for one in turns], past, whole)
    return executed


A, B, C = turn("a", "x"), turn("b", "y"), turn("c", "x")
FIRST = ([A, B, C], [0, 0, 0b001])


def test_independent_turns_may_come_in_another_order() -> None:
    executed = entered(FIRST, ([B, A, C], [0, 0, 0b010]))
    assert executed.begins_with([0, 1], ("c", 1))


def test_a_turn_whose_past_lies_among_the_given_ones_may_come_next() -> None:
    executed = entered(FIRST)
    assert executed.begins_with([0], ("c", 1))
    assert not executed.begins_with([1], ("c", 1))  # it came after a's turn


def test_a_party_that_made_no_such_turn_is_not_next() -> None:
    executed = entered(FIRST)
    assert not executed.begins_with([0, 1], ("c", 2))


def test_a_turn_that_turned_out_otherwise_is_another_one() -> None:
    executed = entered(FIRST, ([turn("a", "x", "EEXIST"), B], [0, 0]))
    assert not executed.begins_with([0], ("c", 1))


def test_an_execution_that_was_given_up_counts_as_none() -> None:
    executed = entered(FIRST, whole=False)
    assert not executed.begins_with([0], ("c", 1))
