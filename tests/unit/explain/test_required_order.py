"""A required order, in an execution and for an explorer."""

from shmrace.explain.required_order import KeptOrder, Place
from shmrace.model.objects import Mode, name_of
from shmrace.model.schedule import Choice
from shmrace.model.trace import Turn

FIRST, LATER = Place("b", "attach"), Place("a", "unlink", 2)
ORDER = KeptOrder({LATER: (FIRST,)})
NAME = frozenset({(name_of("x"), Mode.WRITE)})


def turns(*happened: tuple[str, str]) -> list[Turn]:
    return [Turn(actor, operation, NAME) for actor, operation in happened]


def test_an_operation_waits_its_nth_time_for_that_of_another() -> None:
    choices = [Choice("a", "unlink"), Choice("b", "attach"), Choice("b", "attach", "kill")]
    assert ORDER.allowed(choices, [], frozenset()) == [0, 1]
    once = turns(("a", "unlink"))
    assert ORDER.allowed(choices, once, frozenset()) == [1]
    assert ORDER.allowed(choices[:1], turns(("a", "unlink"), ("b", "attach")), frozenset()) == [0]


def test_nothing_waits_for_an_actor_that_has_ended() -> None:
    assert ORDER.allowed([Choice("a", "unlink")], turns(("a", "unlink")), frozenset("b")) == [0]


def test_what_was_waited_for_happens_before() -> None:
    happened = turns(("a", "unlink"), ("b", "attach"), ("a", "unlink"))
    ordered = ORDER.imposed_on(happened)
    assert [turn.after for turn in ordered] == [(), (), (1,)]
    assert ordered[:2] == happened[:2]


def test_a_place_is_spelled_as_an_order_selects_it() -> None:
    assert (str(FIRST), str(LATER)) == ("b.attach", "a.unlink#2")
