"""The simplest execution that shows a finding, confirmed in fresh processes."""

from collections.abc import Callable, Sequence

from shmrace.engine.choosers import by_schedule
from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.session import Session
from shmrace.explorers.interface import Nondeterministic
from shmrace.judgement.execution import Execution
from shmrace.model.breach import Breach
from shmrace.model.schedule import Schedule
from shmrace.search.shrink import Candidate, Cost, Shown, shrink


def simplest(
    session: Session, breach: Breach, execution: Execution, tell: Callable[[], None]
) -> tuple[Breach, Execution]:
    """The breach as the simplest execution shows it, and that execution, with stacks.

    Another one of the same kind will do.  `tell` is called while it works.  Raises
    `Nondeterministic` if fresh processes do not show it.
    """

    def show(candidate: Candidate) -> Shown | None:
        tell()
        choose = by_schedule(candidate) if isinstance(candidate, Schedule) else _first(candidate)
        again = Execution(session.run(choose))
        return _shown(again) if _like(again, breach) else None

    schedule = shrink(_shown(execution), show).schedule
    tell()
    replayed = Execution(session.run(by_schedule(schedule), stacks=True, fresh=True))
    again = _like(replayed, breach)
    if again is None:
        raise Nondeterministic(0, breach.first_line, "nothing, in fresh processes")
    return again, replayed


def _first(movers: Sequence[str]) -> Callable[[EngineExecution], int]:
    """Let the first of those that are still to move go on, out of those that can."""
    left = list(movers)

    def choose(execution: EngineExecution) -> int:
        able = [choice.who for choice in execution.choices()]
        for place, mover in enumerate(left):
            if mover in able:
                del left[place]
                return able.index(mover)
        return 0

    return choose


def _shown(execution: Execution) -> Shown:
    cost = Cost(len(execution.record.faults), execution.preemptions, len(execution.trace))
    return Shown(execution.schedule, cost, tuple(turn.actor for turn in execution.engine.turns))


def _like(execution: Execution, breach: Breach) -> Breach | None:
    """The first breach of an execution that is not tolerated, if it is of the same kind."""
    found = execution.unaccepted()
    return found[0] if found and found[0].race is breach.race else None
