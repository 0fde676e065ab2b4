"""The explanation of why two steps race, from records made by hand."""

from shmrace.explain.why import why
from shmrace.judgement.invariants import broken
from shmrace.model.effect import Effect
from shmrace.model.record import Record
from tests.support.records import attach, attach_in_vain, create, raised, record, size, unlink

BORN = [("sender", create()), ("sender", size())]


def said(what: Record) -> tuple[str, ...]:
    breach = next(one for one in broken(what) if one.kind == "missing-segment")
    return why(breach, what)


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
    assert said(what) == ("rank1 always comes after the unlink of rank0.",)
