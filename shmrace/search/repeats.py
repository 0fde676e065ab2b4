"""Repeated executions: the same decisions must give the same trace.

A warm process may keep state from one execution to the next, such as a cache of attached names, and
so skip a step.  Therefore some executions are repeated in freshly forked processes: the first, the
last, every 50th, and one of each trace class if the budget allows it.
"""

from collections.abc import Callable, Sequence

from shmrace.engine.choosers import by_schedule
from shmrace.engine.session import Session
from shmrace.errors import Nondeterminism
from shmrace.explain.finding import unexplained
from shmrace.explorers.interface import Nondeterministic
from shmrace.judgement.execution import Execution
from shmrace.model.breach import Breach
from shmrace.model.schedule import Schedule
from shmrace.model.trace import Step, visible
from shmrace.model.verdict import Finding

EVERY = 50
"""One in so many is checked again: repeated executions, and swapped runs."""

ALWAYS = 20
"""Up to so many are all checked again, also once the budget is used up: trace classes, and swapped
runs."""


class Repeats:
    """The trace classes of one search, and which of them were repeated."""

    def __init__(self) -> None:
        self._classes: dict[str, tuple[Schedule, tuple[Step, ...]]] = {}
        self._repeated: set[str] = set()

    def saw(self, trace_class: str, execution: Execution) -> None:
        """Keep an execution that ended, if it is the first of its trace class.

        An execution in fresh processes needs no repetition.
        """
        self._classes.setdefault(trace_class, (execution.schedule, execution.trace))
        if not execution.engine.reused:
            self._repeated.add(trace_class)

    def schedules(self) -> list[Schedule]:
        """One schedule for each trace class."""
        return [schedule for schedule, _ in self._classes.values()]

    def again(self, session: Session, trace_class: str, execution: Execution) -> None:
        """Repeat an execution; raises `Nondeterministic` if the repetition takes other steps."""
        _compare(session, execution.schedule, execution.trace)
        self._repeated.add(trace_class)

    def one_of_each(self, session: Session, allowed: Callable[[bool], bool]) -> bool:
        """Repeat an execution of each trace class; False if not all of them were allowed.

        `allowed` is told whether they are few.

        Raises `Nondeterministic` if a repetition takes other steps.
        """
        few = len(self._classes) <= ALWAYS
        for trace_class, (schedule, trace) in self._classes.items():
            if trace_class in self._repeated:
                continue
            if not allowed(few):
                return False
            _compare(session, schedule, trace)
            self._repeated.add(trace_class)
        return True


def due(count: int) -> bool:
    """Must the execution with this number, counted from 1, be repeated at once?"""
    return count == 1 or count % EVERY == 0


def difference(trace: Sequence[Step], again: Sequence[Step]) -> Nondeterministic | None:
    """The first step in which a repetition differs from its original; None if they are the same."""
    whole, trace, again = again, visible(trace), visible(again)
    for one, other in zip(trace, again, strict=False):
        if one.signature != other.signature:
            seen = tuple(whole[: other.index + 1])
            return Nondeterministic(one.index, _text(one), _text(other), seen)
    if len(trace) != len(again):
        shorter = min(len(trace), len(again))
        before, now = (
            _text(one[shorter]) if len(one) > shorter else "none" for one in (trace, again)
        )
        return Nondeterministic(shorter, before, now, tuple(again[: shorter + 1]))
    return None


def of_repetition(error: Nondeterministic) -> Finding:
    """The finding `nondeterminism`: a repetition took another step."""
    text = (
        f"the same decisions gave another step {error.turn + 1}: {error.seen}, not {error.expected}"
    )
    step = error.turn if error.turn < len(error.trace) else None
    actor = error.trace[step].actor if step is not None else ""
    breach = Breach(Nondeterminism, text, actor, step, cause=Nondeterminism.kind)
    return unexplained(breach, error.trace)


def _text(step: Step) -> str:
    what = f"{step.actor}.{step.operation}" + (f" {step.segment or step.subject}".rstrip())
    return what if step.ok else f"{what}: {step.outcome}"


def _compare(session: Session, schedule: Schedule, trace: tuple[Step, ...]) -> None:
    found = difference(trace, session.run(by_schedule(schedule), fresh=True).trace)
    if found is not None:
        raise found
