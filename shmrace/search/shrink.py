"""Shrinking: the simplest schedule that still shows the same finding.

Fewest faults, then preemptions, then steps, then the smallest decisions.  Delta debugging: the
empty schedule, cutting the tail, setting each decision to zero or to something smaller, and letting
an actor do at once what it did with others in between; over again until nothing gets simpler.
Source: Zeller and Hildebrandt, IEEE TSE 28(2), 2002; the last pass after Jalbert and Sen, "A Trace
Simplification Technique for Effective Debugging of Concurrent Programs", FSE'10.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from shmrace.engine.choosers import by_schedule
from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.session import Session
from shmrace.explorers.interface import Nondeterministic
from shmrace.judgement.execution import Execution
from shmrace.model.breach import Breach
from shmrace.model.schedule import Schedule

_MOST_TRIES = 300


@dataclass(frozen=True, order=True)
class Cost:
    """What a schedule asks of whoever reads its execution; the less the simpler."""

    faults: int
    preemptions: int
    steps: int


@dataclass(frozen=True)
class Shown:
    """An execution that shows the finding."""

    schedule: Schedule
    cost: Cost
    movers: tuple[str, ...]  # who moved, turn by turn


Candidate = Schedule | tuple[str, ...]
"""A schedule, or who is to move, turn by turn: the first of them that can."""


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


def shrink(found: Shown, show: Callable[[Candidate], Shown | None]) -> Shown:
    """What no single simplification makes simpler.

    `show` runs a candidate; None: it does not show the finding.  Ends early after 300 tries.
    """
    best = found
    tried: set[Candidate] = {best.schedule, best.movers}
    improved = True
    while improved:
        improved = False
        for candidate in _simpler(best):
            if candidate in tried:
                continue
            if len(tried) > _MOST_TRIES:
                return best
            tried.add(candidate)
            shown = show(candidate)
            if shown is not None and _rank(shown) < _rank(best):
                best, improved = shown, True
                break
    return best


def _rank(shown: Shown) -> tuple[Cost, int, tuple[int, ...]]:
    decisions = shown.schedule.decisions
    return shown.cost, len(decisions), decisions


def _simpler(shown: Shown) -> Iterator[Candidate]:
    """Candidates, the boldest first."""
    decisions = shown.schedule.decisions
    if decisions:
        yield Schedule()
    for length in _halves(len(decisions)):
        yield Schedule(decisions[:length])
    for place, decision in enumerate(decisions):
        if decision:
            yield Schedule((*decisions[:place], 0, *decisions[place + 1 :]))
    if shown.cost.preemptions:
        yield from _merged(shown.movers)
    for place, decision in enumerate(decisions):
        for smaller in range(1, decision):
            yield Schedule((*decisions[:place], smaller, *decisions[place + 1 :]))
    for place, decision in enumerate(decisions):
        if decision == 0:  # an earlier preemption with fewer decisions before it
            yield Schedule((*decisions[:place], *decisions[place + 1 :]))


def _merged(movers: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Two runs of turns of one actor as one: the later put behind the earlier, or the other way."""
    runs = [tuple(run) for _, run in groupby(movers)]
    last: dict[str, int] = {}
    for later, run in enumerate(runs):
        earlier = last.get(run[0])
        last[run[0]] = later
        if earlier is None:
            continue
        before, between, after = runs[:earlier], runs[earlier + 1 : later], runs[later + 1 :]
        for order in ([runs[earlier], run, *between], [*between, runs[earlier], run]):
            yield tuple(mover for part in (*before, *order, *after) for mover in part)


def _halves(length: int) -> Iterator[int]:
    """Lengths to cut a list to: a half, three quarters, … one less."""
    cut = length // 2
    while cut > 0:
        yield length - cut
        cut //= 2
