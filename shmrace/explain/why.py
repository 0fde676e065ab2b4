"""Why two steps race: the last synchronisation between their actors, in words.  Pure.

Two steps race if nothing that the program enforces (messages, barriers, forks, locks) orders them.
The actors may have synchronised before: an earlier step of one actor happens before the racing step
of the other.  The last such step is named, and what it leaves unordered.  If the one step had to
wait for the other, they do not race; a lock that one of them had first lets them race all the same.

Source: `happens_before.synchronised` and `happens_before.awaited`.
"""

from collections.abc import Iterator, Sequence

from shmrace.explain.lost_updates import lost_updates
from shmrace.model.breach import Breach
from shmrace.model.happens_before import awaited, synchronised
from shmrace.model.objects import Mode, bytes_of
from shmrace.model.operations import Operation
from shmrace.model.record import Record
from shmrace.model.trace import Step

_DONE: dict[str, str] = {
    Operation.ATTACH: "attached {}",
    Operation.UNLINK: "unlinked {}",
    Operation.CREATE: "created {}",
    Operation.MAP: "mapped {}",
    Operation.SIZE: "given a size to {}",
    Operation.RENAME: "renamed {}",
    Operation.STAT: "looked at {}",
    Operation.READ: "read {}",
    Operation.WRITE: "written to {}",
}


def why(breach: Breach, record: Record) -> tuple[str, ...]:
    """Sentences; empty if no two actors race.  Where they race on bytes, lost updates are told."""
    pair = [record.trace[index] for index in breach.racing or ()]
    if any(step.name is not None for step in pair):
        return _race(breach, record)
    return (*_race(breach, record), *_on_bytes(record, pair), *_overwritten(record))


def _on_bytes(record: Record, pair: Sequence[Step]) -> Iterator[str]:
    """A sentence on the bytes that race: one of the steps changes them, and the other has them."""
    for segment in record.ledger.segments:
        content = bytes_of(segment.subject)
        if not all(any(one == content for one, _ in step.accesses) for step in pair):
            continue
        for step, other in (pair, pair[::-1]) if pair else ():
            if (content, Mode.WRITE) in step.accesses:
                yield (
                    f"Between step {step.number} and its next one {step.actor} changes the bytes of"
                    f" {segment.label}; {other.actor} has them at step {other.number}."
                )
                return


def _overwritten(record: Record) -> Iterator[str]:
    """A sentence on the last lost update."""
    for one in lost_updates(record)[-1:]:
        yield (
            f"{one.after.actor} changes the bytes of {one.segment} at step {one.after.number}"
            f"{record.where(one.after.index)}; {one.between.actor} has changed them at step"
            f" {one.between.number}{record.where(one.between.index)}, and {one.after.actor} had"
            f" them before, at step {one.before.number}: it may overwrite what"
            f" {one.between.actor} has stored."
        )


def _race(breach: Breach, record: Record) -> tuple[str, ...]:
    pair = _pair(breach, record)
    if pair is None:
        return ()
    first, second, one, other = pair
    if awaited(record.turns)[other] >> one & 1:
        return (_in_order(record, first, second, one, other),)
    known = synchronised(record.turns)
    if known[other] >> one & 1:
        return _by_chance(record, first, second, known[other])
    waits = f"Nothing makes {first.actor} wait for {second.actor} before its {first.operation}."
    left = _latest(record, first.actor, known[other])
    right = _latest(record, second.actor, known[one])
    if left is None and right is None:
        return (waits, _common(record, first, second, known[one] & known[other]))
    if right is None or (left is not None and left > right):
        assert left is not None
        step = _ordering_step(record, left, first.actor, known[other] | 1 << other)
        return (
            waits,
            f"The last thing that orders them is {_the(step, record)}, and {first.actor} goes on"
            f" from it before {second.actor} has {done(second)}.",
        )
    step = _ordering_step(record, right, second.actor, known[one] | 1 << one)
    return (
        waits,
        f"The last thing that orders them is {_the(step, record)}, which {first.actor} comes after;"
        f" but {second.actor} has not {done(second)} by then.",
    )


def in_order(breach: Breach, record: Record) -> bool:
    """Did the second of the two steps have to wait for the first, so that they do not race?"""
    pair = _pair(breach, record)
    return pair is not None and bool(awaited(record.turns)[pair[3]] >> pair[2] & 1)


def _pair(breach: Breach, record: Record) -> tuple[Step, Step, int, int] | None:
    """The two steps and their turns; None unless they are turns of two actors."""
    if breach.racing is None:
        return None
    first, second = (record.trace[index] for index in breach.racing)
    one, other = (record.turn_of.get(step.index) for step in (first, second))
    if first.actor == second.actor or one is None or other is None:
        return None
    return first, second, one, other


def _in_order(record: Record, first: Step, second: Step, one: int, other: int) -> str:
    """A sentence on two steps of which the second had to wait for the first."""
    past = awaited(record.turns)[other]
    last = _latest(record, first.actor, past)
    step = first if last is None else _ordering_step(record, last, first.actor, past | 1 << other)
    if step.index <= first.index or last == one:
        return f"These two do not race: {second.actor} comes after {_the(first, record)}."
    return (
        f"These two do not race: {second.actor} comes after {_the(step, record)}, and that comes"
        f" after its {first.operation}."
    )


def _by_chance(record: Record, first: Step, second: Step, past: int) -> tuple[str, ...]:
    """Sentences on two steps that are in order because of who had a lock first, or looked late."""
    last = _latest(record, first.actor, past)
    assert last is not None
    step = _step_of(record, last, first.actor)
    return (
        f"Nothing makes {first.actor} wait for {second.actor} before its {first.operation}.",
        f"In this schedule {second.actor} comes after {_the(step, record)}, but nothing decides"
        " which of them is first.",
    )


def done(step: Step) -> str:
    """What the actor has done after this step, such as "attached seg0"."""
    what = step.name or step.segment or "it"
    return _DONE.get(step.operation, f"done its {step.operation}").format(what)


def _latest(record: Record, actor: str, turns: int) -> int | None:
    """The index of an actor's last turn in a set of turns, which is given as bits."""
    own = [index for index in _members(turns) if record.turns[index].actor == actor]
    return own[-1] if own else None


def _common(record: Record, first: Step, second: Step, both: int) -> str:
    """A sentence on the last step that happens before both; `both` is a set of turns as bits."""
    names = f"{first.actor} and {second.actor}"
    for index in reversed(_members(both)):
        step = _step_of(record, index, record.turns[index].actor)
        if (
            any(mode is not Mode.READ for _, mode in step.accesses)
            or step.operation == Operation.SPAWN
        ):
            return f"Both {names} come after {_the(step, record)}; nothing orders them behind it."
    return f"Nothing at all orders {names}: they run side by side from the beginning."


def _members(turns: int) -> list[int]:
    return [index for index in range(turns.bit_length()) if turns >> index & 1]


def _step_of(record: Record, turn: int, actor: str) -> Step:
    """The first step of a turn that is the actor's own."""
    steps: Sequence[Step] = [
        record.trace[step] for step, index in record.turn_of.items() if index == turn
    ]
    return next((step for step in steps if step.actor == actor), steps[0])


def _ordering_step(record: Record, turn: int, actor: str, past: int) -> Step:
    """The step that orders an actor's turn, its last one in a `past`, before what is behind it.

    Who comes to a barrier has no step there until all have come: the barrier is named, and not the
    step before it.
    """
    behind = [index for index in _members(past) if turn in record.turns[index].after]
    if any(record.turns[index].operation == Operation.BARRIER for index in behind):
        for index in range(turn + 1, len(record.turns)):
            if record.turns[index].actor == actor:
                if record.turns[index].operation == Operation.BARRIER:
                    return _step_of(record, index, actor)
                break
        barriers = [one for one in behind if record.turns[one].operation == Operation.BARRIER]
        return _step_of(record, barriers[0], record.turns[barriers[0]].actor)
    return _step_of(record, turn, actor)


def _the(step: Step, record: Record) -> str:
    """ "the broadcast of rank0 (file.py:12)"."""
    return f"the {step.operation} of {step.actor}{record.where(step.index)}"
