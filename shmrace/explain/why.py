"""Why two steps race: the last synchronisation between their actors, in words.  Pure.

Two steps race if nothing that the program enforces (messages, barriers, forks, locks) orders them.
The actors may have synchronised before: an earlier step of one actor happens before the racing step
of the other.  The last such step is named, and what it leaves unordered.

Source: `happens_before.synchronised`.
"""

from collections.abc import Sequence

from shmrace.model.breach import Breach
from shmrace.model.happens_before import synchronised
from shmrace.model.objects import Mode
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
    """Sentences; empty if no two actors race."""
    if breach.racing is None:
        return ()
    first, second = (record.trace[index] for index in breach.racing)
    turns = [record.turn_of.get(step.index) for step in (first, second)]
    if first.actor == second.actor or None in turns:
        return ()
    one, other = (turn for turn in turns if turn is not None)
    known = synchronised(record.turns)
    if known[other] >> one & 1:
        return (f"{second.actor} always comes after {_the(first, record)}.",)
    waits = f"Nothing makes {first.actor} wait for {second.actor} before its {first.operation}."
    left = _latest(record, first.actor, known[other])
    right = _latest(record, second.actor, known[one])
    if left is None and right is None:
        return (waits, _common(record, first, second, known[one] & known[other]))
    if right is None or (left is not None and left > right):
        assert left is not None
        step = _step_of(record, left, first.actor)
        return (
            waits,
            f"The last thing that orders them is {_the(step, record)}, and {first.actor} goes on"
            f" from it before {second.actor} has {done(second)}.",
        )
    step = _step_of(record, right, second.actor)
    return (
        waits,
        f"The last thing that orders them is {_the(step, record)}, which {first.actor} comes after;"
        f" but {second.actor} has not {done(second)} by then.",
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


def _the(step: Step, record: Record) -> str:
    """ "the broadcast of rank0 (file.py:12)"."""
    return f"the {step.operation} of {step.actor}{record.where(step.index)}"
