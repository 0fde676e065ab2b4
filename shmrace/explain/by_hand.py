"""A schedule by hand: lines of code that lead an execution to its finding, actor by actor.

If an actor ran until it ended or had to wait, its line is `advance(actor)`.  If the actor was
preempted, its line names the operation at which it stopped, or counts its steps.

Stacks are most of what a replay costs.  Lines that lead to the steps of the finding need none; only
those that lead to other steps are tried again with stacks, which tell one cause from another.
"""

from collections.abc import Sequence
from itertools import groupby

from shmrace.engine.session import Session
from shmrace.errors import UsageError
from shmrace.explain.deaths import is_death
from shmrace.explain.sighting import Sighting
from shmrace.judgement.execution import Execution
from shmrace.model.explanation import Move
from shmrace.model.operations import Operation
from shmrace.model.record import Record
from shmrace.model.trace import Step, visible


def by_hand(session: Session, seen: Sighting) -> tuple[Move, ...]:
    """Lines that lead to the breach; empty if no lines that were tried led to it."""
    breach, record = seen.breach, seen.record
    last = breach.step if breach.racing is None else max(breach.racing)
    deaths = [step.index for step in record.trace if is_death(step)]
    ends = [deaths[-1], None] if last is None and deaths else [last]
    for stepwise in (False, True):
        for end in ends:
            found = moves(record, end, stepwise)
            if found and _leads(session, found, seen):
                return found
    return ()


def moves(record: Record, last: int | None, stepwise: bool = False) -> tuple[Move, ...]:
    """The lines up to the step with index `last`; all lines if it is None."""
    heads = _heads(record)
    found: list[Move] = []
    place = 0
    for _, run in groupby(record.turns, key=lambda turn: turn.actor):
        here = heads[place : (place := place + len(list(run)))]
        if stepwise and last is not None:
            here = [step for step in here if step.index <= last] or here[:1]
        found.append(_move(here, heads[place:], stepwise))
        if last is not None and place < len(heads) and heads[place].index > last:
            break
    return tuple(found)


def perform(execution: Execution, found: Sequence[Move]) -> None:
    """Carry out the lines; raises `UsageError` if an actor cannot move as its line says."""
    for move in found:
        if move.kill:
            execution.kill(move.actor)
        elif move.steps:
            for _ in range(move.steps):
                execution.step(move.actor)
        else:
            execution.advance(move.actor, move.until or None)


def _leads(session: Session, found: Sequence[Move], seen: Sighting) -> bool:
    """Do the lines lead to the breach, if the rest runs without preemption?"""
    bare = _performed(session, found, stacks=False)
    if bare is None or all(one.kind != seen.breach.kind for one in bare.unaccepted()):
        return False
    if _signatures(bare.engine.record) == _signatures(seen.record):
        return True
    again = _performed(session, found, stacks=True)
    return again is not None and any(one.cause == seen.breach.cause for one in again.unaccepted())


def _performed(session: Session, found: Sequence[Move], stacks: bool) -> Execution | None:
    """The execution that the lines lead; None if an actor cannot move as its line says."""
    possible = True
    with session.execution(stacks=stacks, fresh=True) as begun:
        execution = Execution(begun)
        try:
            perform(execution, found)
        except UsageError:
            possible = False
        execution.run_rest()
    return execution if possible else None


def _signatures(record: Record) -> list[tuple[str, str, str, str]]:
    return [step.signature for step in visible(record.trace)]


def _heads(record: Record) -> list[Step]:
    """The first step of each turn: the one that the scheduler chose."""
    heads: list[Step] = []
    place = 0
    for turn in record.turns:
        heads += record.trace[place : place + 1]
        place += turn.steps
    return heads


def _move(run: Sequence[Step], rest: Sequence[Step], stepwise: bool) -> Move:
    """The line for consecutive turns of one actor; `rest` are the first steps of later turns."""
    actor = run[0].actor
    if is_death(run[0]):
        return Move(actor, kill=True)
    if stepwise:
        return Move(actor, steps=len(run))
    ended = run[-1].operation == Operation.EXIT
    if ended or not rest or not (rest[0].preempts or is_death(rest[0])):
        return Move(actor)
    following = next((step for step in rest if step.actor == actor), None)
    if following is not None:
        operation = following.before if is_death(following) else following.operation
        if all(step.operation != operation for step in run):
            return Move(actor, until=operation)
    return Move(actor, steps=len(run))
