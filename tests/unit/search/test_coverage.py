"""Which racing pairs a sampler saw, in which orders."""

from shmrace.model.objects import Mode, name_of
from shmrace.model.trace import Turn
from shmrace.search.coverage import Coverage


def turn(text: str, after: tuple[int, ...] = ()) -> Turn:
    """ "a+x" writes x in actor a, "a-x" reads it."""
    actor, how, name = tuple(text)
    write = how == "+"
    mode = Mode.WRITE if write else Mode.READ
    return Turn(actor, "write" if write else "read", frozenset({(name_of(name), mode)}), after)


def seen(*executions: str) -> tuple[int, tuple[str, ...]]:
    coverage = Coverage()
    for execution in executions:
        coverage.add([turn(text) for text in execution.split()])
    return coverage.pairs().seen, coverage.pairs().one_order


def test_what_does_not_depend_on_each_other_does_not_race() -> None:
    assert seen("a-x b-x a+y") == (0, ())


def test_a_race_counts_as_seen_in_both_orders_once_it_was() -> None:
    assert seen("a+x b-x") == (1, ("a.write before b.read",))
    assert seen("a+x b-x", "b-x a+x") == (1, ())


def test_turns_of_one_actor_are_told_apart_by_their_number() -> None:
    """b reads between the two writes, and then before both: whether it can come last is not
    known."""
    assert seen("a+x b-x a+x") == (2, ("a.write before b.read", "b.read before a.write#2"))
    assert seen("a+x b-x a+x", "b-x a+x a+x") == (2, ("b.read before a.write#2",))


def test_an_order_is_seen_even_if_others_come_between() -> None:
    """b and c both follow a directly first; then c comes before a, b in between."""
    pairs = seen("a+x c-x", "c-x b+x a+x")
    assert "a.write before c.read" not in pairs[1]


def test_what_enables_does_not_race() -> None:
    coverage = Coverage()
    coverage.add([turn("a+x"), turn("b-x", after=(0,))])
    assert coverage.pairs().seen == 0
