"""Which uses of a segment's bytes race: a load or a store lies behind the call of its step."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from shmrace.model.byte_races import byte_race
from shmrace.model.effect import Effect
from shmrace.model.objects import Mode, bytes_of
from shmrace.model.record import Record
from tests.support.records import SEGMENT, attach, create, record

USES = frozenset({(bytes_of("a#0"), Mode.READ)})


def stores(kind: str = "map") -> Effect:
    """A call of who has the segment mapped, and a store before its next call."""
    return Effect(kind, inode=SEGMENT, written=(SEGMENT,), held=(SEGMENT,), in_memory=(SEGMENT,))


def may_load(kind: str = "map") -> Effect:
    """A call of who has the segment mapped."""
    return Effect(kind, inode=SEGMENT, held=(SEGMENT,), in_memory=(SEGMENT,))


def writes() -> Effect:
    """A write by a call."""
    return Effect("write", inode=SEGMENT, written=(SEGMENT,))


def reads() -> Effect:
    """A read by a call."""
    return Effect("read", inode=SEGMENT)


def call(kind: str) -> Effect:
    """A call that has to do with no segment."""
    return Effect(kind)


def ran(
    happened: Sequence[tuple[str, Effect]], after: Mapping[int, tuple[int, ...]] | None = None
) -> Record:
    """The record of these steps, one a turn; in `after`, the turns that let one go on."""
    found = record(happened, after=after)
    trace = tuple(
        replace(
            step,
            accesses=USES if effect.held or effect.kind in ("read", "write") else frozenset(),
            after=(after or {}).get(step.index, ()),
        )
        for step, (_, effect) in zip(found.trace, happened, strict=True)
    )
    return replace(found, trace=trace)


def racing(
    happened: Sequence[tuple[str, Effect]], after: Mapping[int, tuple[int, ...]] | None = None
) -> tuple[int, int] | None:
    """The steps of the write and of the other use that race."""
    found = byte_race(ran(happened, after))
    return (found.written, found.used) if found else None


def test_a_store_before_a_send_comes_before_what_the_receiver_does() -> None:
    steps = [
        ("a", create()), ("a", stores()), ("a", call("send")),
        ("b", call("recv")), ("b", may_load()),
    ]  # fmt: skip
    assert racing(steps, {3: (2,)}) is None
    assert racing(steps) == (1, 4)


@pytest.mark.parametrize("lets_go", ["send", "unlock", "fork", "a call that failed"])
def test_a_store_behind_the_call_that_lets_another_go_on_races_with_it(lets_go: str) -> None:
    """Such as what a parent stores right after it has forked."""
    steps = [
        ("a", create()), ("a", stores(lets_go)), ("a", call("recv")),
        ("b", call("recv")), ("b", may_load()),
    ]  # fmt: skip
    assert racing(steps, {3: (1,)}) == (1, 4)


def test_a_store_behind_a_send_is_ordered_by_the_next_message() -> None:
    steps = [
        ("a", create()), ("a", stores("send")), ("a", call("send")),
        ("b", call("recv")), ("b", may_load()),
    ]  # fmt: skip
    assert racing(steps, {3: (2,)}) is None


def test_a_barrier_orders_what_is_behind_the_last_call_before_it() -> None:
    """Whoever stands before a barrier has done all that."""
    steps = [
        ("a", create()), ("a", stores("unlock")), ("b", attach()),
        ("b", call("barrier")), ("a", call("barrier")), ("b", may_load()),
    ]  # fmt: skip
    assert racing(steps, {3: (1, 2), 4: (1, 2)}) is None
    assert racing(steps, {3: (), 4: ()}) == (1, 5)


def test_uses_by_calls_alone_are_no_data_race() -> None:
    """Both orders of two calls are explored."""
    assert racing([("a", create()), ("a", writes()), ("b", reads())]) is None


def test_a_call_races_with_a_load_that_may_come_at_any_time() -> None:
    assert racing([("a", create()), ("a", writes()), ("b", may_load())]) == (1, 2)
    assert racing([("a", create()), ("a", stores()), ("b", reads())]) == (1, 2)


def test_who_loads_without_a_write_does_not_race() -> None:
    assert racing([("a", create()), ("a", may_load()), ("b", may_load())]) is None


def test_a_data_race_is_told_with_who_writes_and_who_holds() -> None:
    happened = ran([("a", create()), ("a", stores("unlock")), ("b", may_load())])
    found = byte_race(happened)
    assert found is not None
    assert found.told(happened) == (
        "a writes seg0 after its unlock, b has it mapped after its map,"
        " and nothing that shmrace knows of orders the two"
    )


def test_what_a_failed_call_leaves_behind_it_counts() -> None:
    """A store comes behind a call whatever that call came to."""
    failed = replace(stores("unlink"), error="ENOENT", names=("other",), inode=None)
    assert racing([("a", create()), ("a", failed), ("b", may_load())]) == (1, 2)
