"""Patience: does an actor that polls in vain give up by counting its rounds?

A search passes over an actor that polls in vain while others can go on, since its next round would
be like the last; and where all poll, time passes faster.  Neither is so where an actor counts its
rounds.  So each loop is tried once: from where it first polled in vain, its actor alone goes on for
some rounds.  One that does something else before is *impatient*: each of its rounds is explored.
What a clock decides does not show here, for its time hardly moves; the assumption `timeouts` says
so.
"""

from collections.abc import Iterator

from shmrace.engine.choosers import pick
from shmrace.engine.execution import Execution
from shmrace.engine.scheduling import MOST_ROUNDS
from shmrace.engine.session import Session
from shmrace.engine.state.actor import Shape
from shmrace.model.record import Record
from shmrace.model.schedule import Schedule

_MOST_TRIALS = 100
"""Loops that are tried; who polls in yet another one is taken to be impatient."""


class Patience:
    """The loops of one search that were tried, and the `impatient` actors."""

    def __init__(self) -> None:
        self.impatient: set[str] = set()
        self._tried: set[tuple[str, Shape]] = set()

    def learn(self, session: Session, execution: Execution) -> Iterator[str]:
        """Try the loops of this execution; the names of those that turn out to be impatient.
        Actors of one role count as alike."""
        record = execution.record
        for (actor, shape), turns in execution.observations.polled.items():
            loop = record.role(actor), shape
            if loop in self._tried or actor in self.impatient:
                continue
            self._tried.add(loop)
            if len(self._tried) > _MOST_TRIALS or _gives_up(
                session, execution.schedule, turns, actor
            ):
                found = _of_its_role(record, actor) - self.impatient
                self.impatient |= found
                yield from sorted(found)


def _of_its_role(record: Record, actor: str) -> set[str]:
    names = {step.actor for step in record.trace} | {actor}
    return {name for name in names if record.role(name) == record.role(actor)}


def _gives_up(session: Session, schedule: Schedule, turns: int, actor: str) -> bool:
    """Does an actor do anything else, if after so many turns of a schedule it alone goes on?"""
    gives_up = True

    def choose(execution: Execution) -> int | None:
        nonlocal gives_up
        if len(execution.turns) < turns:
            return pick(execution, schedule)
        able = [one.who for one in execution.choices()]
        count = next(one.retries.count for one in execution.actors if one.name == actor)
        gives_up = actor not in able or not count
        if gives_up or count >= MOST_ROUNDS:
            return None
        return able.index(actor)

    session.run(choose, hurried=False)
    return gives_up
