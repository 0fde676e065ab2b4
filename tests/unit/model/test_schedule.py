"""Schedules, choices, and orders."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shmrace.errors import UsageError
from shmrace.model.schedule import Choice, Schedule, order, selector, worth_trying


def test_a_schedule_prints_as_the_code_that_makes_it() -> None:
    assert repr(Schedule([0, 2, 1])) == "Schedule([0, 2, 1])"
    assert eval(repr(Schedule([0, 2, 1]))) == Schedule([0, 2, 1])


def test_a_schedule_holds_the_faults_that_it_may_choose() -> None:
    given = Schedule([0, 3], faults=["kill@rank*"], max_faults=2)
    assert repr(given) == "Schedule([0, 3], faults=['kill@rank*'], max_faults=2)"
    assert eval(repr(given)) == given != Schedule([0, 3])


def test_a_fault_is_written_as_it_is_spelled_and_is_a_party_of_its_own() -> None:
    struck = Choice("rank0", "map", "ENOMEM")
    assert (str(struck), struck.who) == ("ENOMEM:map@rank0", "ENOMEM rank0")
    assert str(Choice("sender#0", "unlink", "unlink")) == "unlink"


def test_trailing_zeros_say_nothing() -> None:
    assert Schedule([1, 0, 0]) == Schedule([1])
    assert Schedule([0, 0]) == Schedule()


@given(st.lists(st.integers(0, 1000)), st.integers(0, 30), st.integers(1, 9))
def test_every_list_decides_every_point(decisions: list[int], point: int, choices: int) -> None:
    """Missing decisions mean 0, and each is taken modulo what there is to choose from."""
    decided = Schedule(decisions).at(point, choices)
    assert 0 <= decided < choices
    if point >= len(decisions):
        assert decided == 0


def test_negative_decisions_are_refused() -> None:
    with pytest.raises(ValueError, match="no negative decisions"):
        Schedule([0, -1])


def test_an_order_blocks_the_later_operation_until_the_earlier_has_happened() -> None:
    wanted = order("rank0.unlink", "rank1.attach")
    attach = Choice("rank1", "attach")
    assert wanted.blocks(attach, [])
    assert not wanted.blocks(attach, [("rank0", "unlink")])
    assert not wanted.blocks(Choice("rank2", "attach"), [])
    assert wanted.unmet([("rank0", "unlink")]) == ["rank1.attach"]


def test_an_order_may_name_the_second_occurrence() -> None:
    wanted = order("rank0.unlink", "rank1.attach#2")
    assert not wanted.blocks(Choice("rank1", "attach"), [])
    assert wanted.blocks(Choice("rank1", "attach"), [("rank1", "attach")])


@pytest.mark.parametrize("text", ["rank0", ".unlink", "rank0.", "rank0.unlink#x"])
def test_what_names_no_operation_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"actor\.operation"):
        selector(text)


@pytest.mark.parametrize("operations", [(), (1, 2), (["rank0.unlink"],), ("rank0.unlink#0",)])
def test_an_order_of_anything_else_is_refused(operations: tuple[Any, ...]) -> None:
    with pytest.raises(UsageError, match=r"as in .*'rank0.unlink'"):
        order(*operations)


@pytest.mark.parametrize("decisions", [[0.5], ["1"], [[1]], [-1]])
def test_a_schedule_is_made_of_whole_numbers(decisions: list[Any]) -> None:
    with pytest.raises(UsageError, match="a schedule"):
        Schedule(decisions)


def test_who_polls_in_vain_is_worth_trying_only_where_nobody_else_can_go_on() -> None:
    awake, polls = Choice("rank0", "attach"), Choice("rank1", "sleep", in_vain=True)
    kill = Choice("rank1", "sleep", "kill")
    assert worth_trying([awake, polls, kill]) == [0, 2]
    assert worth_trying([awake, polls, kill], impatient={"rank1"}) == [0, 1, 2]
    assert worth_trying([polls, kill]) == [0, 1]
