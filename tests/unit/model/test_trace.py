"""Canonical forms, fingerprints and happens-before."""

from shmrace.model.happens_before import pasts, synchronised
from shmrace.model.objects import Mode, name_of
from shmrace.model.trace import Step, Turn, canonical, fingerprint


def turn(actor: str, object_: str = "", write: bool = False, after: tuple[int, ...] = ()) -> Turn:
    mode = Mode.WRITE if write else Mode.READ
    accesses = frozenset({(name_of(object_), mode)}) if object_ else frozenset()
    return Turn(actor, "step", accesses, after, signature=((actor, "step", object_, ""),))


def test_independent_turns_may_be_swapped_within_a_class() -> None:
    one, other = turn("a", "x"), turn("b", "x")
    assert canonical([one, other]) == canonical([other, one])


def test_dependent_turns_may_not_be_swapped() -> None:
    one, other = turn("a", "x", write=True), turn("b", "x")
    assert canonical([one, other]) != canonical([other, one])


def test_a_turn_comes_after_what_enabled_it() -> None:
    """a's first turn enables b's, which touches nothing: 0 -> 2 and, by program order, 0 -> 1."""
    assert pasts([turn("a"), turn("a"), turn("b", after=(0,))]) == [0b0, 0b1, 0b1]


def test_dependence_orders_a_trace_but_not_the_program() -> None:
    """Both write x: what happened is ordered, yet nothing in the program orders it."""
    turns = [turn("a", "x", write=True), turn("b", "x", write=True)]
    assert pasts(turns) == [0b0, 0b1]
    assert synchronised(turns) == [0b0, 0b0]


def test_happens_before_is_transitive() -> None:
    """a writes x, b reads x and writes y, c reads y."""
    turns = [
        turn("a", "x", write=True),
        turn("b", "x"),
        turn("b", "y", write=True),
        turn("c", "y"),
    ]
    assert pasts(turns)[3] == 0b111


def test_an_actor_that_moved_in_anothers_turn_comes_after_it() -> None:
    moved = Turn("a", "step", frozenset(), moved=("b",))
    assert pasts([moved, turn("b")]) == [0b0, 0b1]


def test_a_fingerprint_sees_actors_operations_outcomes_and_segments_only() -> None:
    one = [Step(0, "rank0", "attach", "ok", name="psm_1", subject="sender#0")]
    same = [Step(0, "rank0", "attach", "ok", name="psm_2", subject="sender#0")]
    other = [Step(0, "rank0", "attach", "ENOENT", subject="sender#0")]
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)
