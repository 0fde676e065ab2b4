"""The simplest execution that shows a finding, confirmed in fresh processes.

The schedule that an explorer came by is shrunk.  If somebody still has to be interrupted in it,
all schedules with fewer preemptions are tried, the fewest first, as far as a number of tries goes.
"""

from collections.abc import Callable

from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.session import Session
from shmrace.execution import Execution, by_schedule, public
from shmrace.explorers import Bounded, Point
from shmrace.explorers.interface import Nondeterministic
from shmrace.schedule import Schedule
from shmrace.shrink import Cost, shrink
from shmrace.verdict import Finding

_MOST_TRIES = 100


def simplest(
    session: Session, finding: Finding, execution: Execution, tell: Callable[[], None]
) -> tuple[Finding, Execution]:
    """The finding as the simplest execution shows it, and that execution, with stacks.

    Another one of the same kind will do.  `tell` is called while it works.  Raises
    `Nondeterministic` if fresh processes do not show it.
    """

    def measure(schedule: Schedule) -> Cost | None:
        tell()
        again = public(session.run(by_schedule(schedule)))
        return _cost(again) if _like(again, finding) else None

    schedule, cost = shrink(execution.schedule, _cost(execution), measure)
    if cost.preemptions and not cost.faults:
        schedule = _with_fewer(session, finding, cost.preemptions, tell) or schedule
    tell()
    replayed = public(session.run(by_schedule(schedule), stacks=True, fresh=True))
    again = _like(replayed, finding)
    if again is None:
        raise Nondeterministic(0, finding.first_line, "nothing, in fresh processes")
    return again, replayed


def _with_fewer(
    session: Session, finding: Finding, preemptions: int, tell: Callable[[], None]
) -> Schedule | None:
    """A schedule with fewer preemptions that shows it; None if none was met."""
    tries = 0
    for bound in range(preemptions):
        explorer = Bounded(preemptions=bound)

        def choose(execution: EngineExecution, explorer: Bounded = explorer) -> int:
            choices = [choice for choice in execution.choices() if not choice.fault]
            return explorer.choose(Point(choices, execution.turns))

        while tries < _MOST_TRIES and explorer.begin():
            tries += 1
            tell()
            execution = public(session.run(choose))
            if _like(execution, finding):
                return execution.schedule
    return None


def _cost(execution: Execution) -> Cost:
    return Cost(len(execution.record.faults), execution.preemptions, len(execution.trace))


def _like(execution: Execution, finding: Finding) -> Finding | None:
    """The finding of an execution, if it is of the same kind and not tolerated."""
    found = execution.unaccepted()
    return found[0] if found and found[0].kind == finding.kind else None
