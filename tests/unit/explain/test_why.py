"""The explanation of why two steps race, from records made by hand."""

from shmrace.explain.why import in_order, why
from shmrace.judgement.invariants import broken
from shmrace.model.breach import Breach
from shmrace.model.effect import Effect
from shmrace.model.record import Record
from tests.support.records import attach, attach_in_vain, create, raised, record, size, unlink

BORN = [("sender", create()), ("sender", size())]


def missed(what: Record) -> Breach:
    return next(one for one in broken(what) if one.kind == "missing-segment")


def said(what: Record) -> tuple[str, ...]:
    return why(missed(what), what)


def test_the_last_step_that_orders_the_two_is_named() -> None:
    """rank0 sends to rank1 and goes on: rank1 comes after the send, and not before the unlink."""
    happened = [
        *BORN, ("rank0", attach()), ("rank0", Effect("send")), ("rank0", unlink()),
        ("rank1", Effect("recv")), ("rank1", attach_in_vain()), ("rank1", Effect("end")),
    ]  # fmt: skip
    assert said(record(happened, {"rank1": raised()}, after={5: (3,)})) == (
        "Nothing makes rank0 wait for rank1 before its unlink.",
        "The last thing that orders them is the send of rank0, and rank0 goes on from it before"
        " rank1 has attached seg0.",
    )


def test_two_that_nothing_orders_run_side_by_side() -> None:
    happened = [*BORN, ("rank0", unlink()), ("rank1", attach_in_vain()), ("rank1", Effect("end"))]
    assert said(record(happened, {"rank1": raised()}))[1].startswith("Nothing at all orders")


def test_what_always_comes_after_is_no_race() -> None:
    happened = [*BORN, ("rank0", unlink()), ("rank1", attach_in_vain()), ("rank1", Effect("end"))]
    what = record(happened, {"rank1": raised()}, after={3: (2,)})
    assert said(what) == ("These two do not race: rank1 comes after the unlink of rank0.",)


def test_what_comes_after_by_way_of_a_message_is_no_race() -> None:
    happened = [
        *BORN, ("rank0", unlink()), ("rank0", Effect("send")), ("rank1", Effect("recv")),
        ("rank1", attach_in_vain()), ("rank1", Effect("end")),
    ]  # fmt: skip
    what = record(happened, {"rank1": raised()}, after={4: (3,)})
    assert said(what) == (
        "These two do not race: rank1 comes after the send of rank0, and that comes after its"
        " unlink.",
    )
    assert in_order(missed(what), what)


def test_who_had_the_lock_first_is_ordered_in_this_schedule_only() -> None:
    """rank0 unlinks under a lock that rank1 takes behind it, and might have taken first."""
    happened = [
        *BORN, ("rank0", unlink()), ("rank0", Effect("unlock")), ("rank1", Effect("lock")),
        ("rank1", attach_in_vain()), ("rank1", Effect("end")),
    ]  # fmt: skip
    what = record(happened, {"rank1": raised()}, released_by={4: (3,)})
    assert said(what) == (
        "Nothing makes rank0 wait for rank1 before its unlink.",
        "In this schedule rank1 comes after the unlock of rank0, but nothing decides which of them"
        " is first.",
    )
    assert not in_order(missed(what), what)


def test_a_barrier_is_named_and_not_the_step_before_it() -> None:
    """Arrivals at a barrier are no steps: what follows it comes after the steps before them."""
    happened = [
        *BORN, ("rank0", attach()), ("rank1", attach()), ("rank0", Effect("barrier")),
        ("rank0", unlink()), ("rank1", Effect("barrier")), ("rank1", attach_in_vain()),
        ("rank1", Effect("end")),
    ]  # fmt: skip
    what = record(happened, {"rank1": raised()}, after={4: (2, 3), 6: (2, 3)})
    assert said(what) == (
        "Nothing makes rank0 wait for rank1 before its unlink.",
        "The last thing that orders them is the barrier of rank1, which rank0 comes after; but"
        " rank1 has not attached seg0 by then.",
    )
