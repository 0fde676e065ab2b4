"""How an explorer drives an execution: it chooses among what is worth trying."""

from collections.abc import Callable

from shmrace.engine.execution import Execution
from shmrace.engine.session import Chooser, Session
from shmrace.explorers import Point
from shmrace.explorers.interface import Explorer
from shmrace.model.schedule import worth_trying

_TELL_EVERY = 100
"""In a long execution, its progress is told after so many turns."""


def chosen_by(
    explorer: Explorer, session: Session, tell: Callable[[int], None] = lambda turns: None
) -> Chooser:
    """The chooser of one execution; `tell` is told the number of its turns now and then."""

    def choose(execution: Execution) -> int | None:
        if execution.turns and len(execution.turns) % _TELL_EVERY == 0:
            tell(len(execution.turns))
        choices = execution.choices()
        offered = worth_trying(choices, session.impatient)
        chosen = explorer.choose(Point([choices[index] for index in offered], execution.turns))
        return offered[chosen] if chosen is not None else None

    return choose
