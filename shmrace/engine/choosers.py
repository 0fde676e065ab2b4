"""Choosers that follow what was decided before: a schedule, an order of operations, or both."""

from collections.abc import Callable, Sequence

from shmrace.engine.execution import Execution
from shmrace.errors import UsageError
from shmrace.model.operations import Operation
from shmrace.model.schedule import Order, Schedule, selector


def by_schedule(schedule: Schedule) -> Callable[[Execution], int]:
    """A chooser that follows a schedule."""
    return lambda execution: pick(execution, schedule)


def pick(execution: Execution, schedule: Schedule, order: Order | None = None) -> int:
    """The index of the choice that a schedule decides for, among those that an order allows.

    Raises `UsageError` if the order lets no actor go on.
    """
    choices = execution.choices()
    if order is None:
        return schedule.at(len(execution.decisions), len(choices)) if len(choices) > 1 else 0
    happened = [(step.actor, step.operation) for step in execution.trace]
    allowed = [index for index, one in enumerate(choices) if not order.blocks(one, happened)]
    if not allowed:
        raise UsageError(f"the order cannot be kept: {_why(execution, order, happened)}")
    return allowed[schedule.at(len(execution.decisions), len(allowed))]


def run_rest(execution: Execution, order: Order | None, schedule: Schedule) -> None:
    """Go on to the end, by the schedule's remaining decisions and within the order.

    Raises `UsageError` for an order that names no actor, or that was not kept.
    """
    for text in order.operations if order is not None else ():
        actor, _, _ = selector(text)
        if "/" not in actor and actor not in _may_exist(execution):
            raise UsageError(f"{text!r} names no actor; there are: {names(execution)}")
    while not execution.finished:
        execution.take(pick(execution, schedule, order))
    if order is not None:
        unmet = order.unmet([(step.actor, step.operation) for step in execution.trace])
        if unmet:
            actor, _, _ = selector(unmet[0])
            raise UsageError(
                f"the order cannot be kept: {unmet[0]} never happened; {done_by(execution, actor)}"
            )


def done_by(execution: Execution, actor: str) -> str:
    """What an actor did so far, for a caller who has looked in vain for something else."""
    done = [step.operation for step in execution.trace if step.actor == actor]
    standing = execution.standing(actor)
    said = f"{actor} did {', '.join(dict.fromkeys(done)) or 'nothing'}"
    if standing is None or Operation.EXIT in done:
        return said
    return f"{said}, and stands before {standing}"


def names(execution: Execution) -> str:
    """The actors, for a message."""
    return ", ".join(one.name for one in execution.actors)


def _may_exist(execution: Execution) -> set[str]:
    """The actors, and the roles that one of them may spawn under their names."""
    return {one.name for one in execution.actors} | set(dir(execution.scenario))


def _why(execution: Execution, order: Order, happened: Sequence[tuple[str, str]]) -> str:
    """Why no actor is left that an order lets go on."""
    blocked = next(choice for choice in execution.choices() if not choice.fault)
    before = order.unmet(happened)[0]
    actor, _, _ = selector(before)
    return (
        f"{blocked} has to wait for {before}, and nobody else can go on;"
        f" {done_by(execution, actor)}"
    )
