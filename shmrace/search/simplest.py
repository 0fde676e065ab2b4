"""The simplest execution that shows a finding, confirmed in fresh processes."""

from collections.abc import Callable, Sequence

from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.session import Session
from shmrace.explorers.interface import Nondeterministic
from shmrace.judgement.execution import Execution, by_schedule, public
from shmrace.model.schedule import Schedule
from shmrace.model.verdict import Finding
from shmrace.search.shrink import Candidate, Cost, Shown, shrink


def simplest(
    session: Session, finding: Finding, execution: Execution, tell: Callable[[], None]
) -> tuple[Finding, Execution]:
    """The finding as the simplest execution shows it, and that execution, with stacks.

    Another one of the same kind will do.  `tell` is called while it works.  Raises
    `Nondeterministic` if fresh processes do not show it.
    """

    def show(candidate: Candidate) -> Shown | None:
        tell()
        choose = by_schedule(candidate) if isinstance(candidate, Schedule) else _first(candidate)
        again = public(session.run(choose))
        return _shown(again) if _like(again, finding) else None

    schedule = shrink(_shown(execution), show).schedule
    tell()
    replayed = public(session.run(by_schedule(schedule), stacks=True, fresh=True))
    again = _like(replayed, finding)
    if again is None:
        raise Nondeterministic(0, finding.first_line, "nothing, in fresh processes")
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
    return Shown(execution.schedule, cost, tuple(turn.actor for turn in execution.turns))


def _like(execution: Execution, finding: Finding) -> Finding | None:
    """The finding of an execution, if it is of the same kind and not tolerated."""
    found = execution.unaccepted()
    return found[0] if found and found[0].kind == finding.kind else None
