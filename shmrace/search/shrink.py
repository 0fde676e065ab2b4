"""Shrinking: the simplest schedule that still shows the same finding.

The simplest schedule has the fewest faults; among these the fewest preemptions, then the fewest
steps, then the smallest decisions.  The method is delta debugging.  Each round tries the empty
schedule, cuts the tail, sets single decisions to zero or to a smaller number, and moves two runs of
one actor together.  Rounds repeat until no change makes the schedule simpler.

Source: Zeller and Hildebrandt, IEEE TSE 28(2), 2002; the last pass after Jalbert and Sen, "A Trace
Simplification Technique for Effective Debugging of Concurrent Programs", FSE'10.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf

from shmrace.engine.choosers import by_schedule
from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.session import Session
from shmrace.explorers.interface import Nondeterministic
from shmrace.judgement.execution import Execution
from shmrace.model.breach import Breach
from shmrace.model.schedule import Schedule
from shmrace.model.verdict import Simplicity

_MOST_TRIES = 300


@dataclass(frozen=True, order=True)
class Cost:
    """How hard an execution is to read; compared field by field, and smaller is simpler."""

    faults: int
    preemptions: int
    steps: int


@dataclass(frozen=True)
class Shown:
    """An execution that shows the finding, with its schedule and its cost."""

    schedule: Schedule
    cost: Cost
    movers: tuple[str, ...]  # the actor of each turn


Candidate = Schedule | tuple[str, ...]
"""A schedule, or a list of actors: at each point, the first one left in the list that can move."""


def simplest(
    session: Session, breach: Breach, execution: Execution, tell: Callable[[], None],
    seconds: float = inf,
) -> tuple[Breach, Execution, Simplicity]:  # fmt: skip
    """(the breach in its simplest execution, that execution with stacks, how simple it is).

    The simplest execution may show another breach of the same kind.  `tell` is called before each
    run; after so many `seconds` the simplest so far is taken.  Raises `Nondeterministic` if fresh
    processes do not show the breach.
    """
    until = time.monotonic() + seconds

    def show(candidate: Candidate) -> Shown | None:
        tell()
        again = Execution(session.run(_chooser(candidate)))
        return _shown(again) if _like(again, breach) else None

    found, ended = shrink(_shown(execution), show, lambda: time.monotonic() < until)
    tell()
    replayed = Execution(session.run(by_schedule(found.schedule), stacks=True, fresh=True))
    again = _like(replayed, breach)
    if again is None:
        raise Nondeterministic(0, breach.first_line, "nothing, in fresh processes")
    return again, replayed, Simplicity.SIMPLEST if ended else Simplicity.SIMPLIFIED


def _chooser(candidate: Candidate) -> Callable[[EngineExecution], int]:
    return by_schedule(candidate) if isinstance(candidate, Schedule) else _by_movers(candidate)


def _by_movers(movers: Sequence[str]) -> Callable[[EngineExecution], int]:
    """A chooser: at each point, the first actor left in the list that can move."""
    left = list(movers)

    def choose(execution: EngineExecution) -> int:
        able = [choice.who for choice in execution.choices()]
        for place, mover in enumerate(left):
            if mover in able:
                del left[place]
                return able.index(mover)
        return 0

    return choose


def cost_of(execution: Execution) -> Cost:
    """How hard the execution is to read."""
    return Cost(len(execution.record.faults), execution.preemptions, len(execution.trace))


def _shown(execution: Execution) -> Shown:
    movers = tuple(turn.actor for turn in execution.engine.turns)
    return Shown(execution.schedule, cost_of(execution), movers)


def _like(execution: Execution, breach: Breach) -> Breach | None:
    """The first breach of an execution that is not tolerated, if it is of the same kind."""
    found = execution.unaccepted()
    return found[0] if found and found[0].race is breach.race else None


def shrink(
    found: Shown, show: Callable[[Candidate], Shown | None],
    may_go_on: Callable[[], bool] = lambda: True,
) -> tuple[Shown, bool]:  # fmt: skip
    """A simplest execution, and True: no single simplification makes it simpler.

    `show` runs a candidate, and returns None if it does not show the finding.  After 300 tries, or
    when it may not go on, the simplest so far is returned, and False.
    """
    best = found
    tried: set[Candidate] = {best.schedule, best.movers}
    improved = True
    while improved:
        improved = False
        for candidate in _simpler(best):
            if candidate in tried:
                continue
            if len(tried) > _MOST_TRIES or not may_go_on():
                return best, False
            tried.add(candidate)
            shown = show(candidate)
            if shown is not None and _rank(shown) < _rank(best):
                best, improved = shown, True
                break
    return best, True


def _rank(shown: Shown) -> tuple[Cost, int, tuple[int, ...]]:
    decisions = shown.schedule.decisions
    return shown.cost, len(decisions), decisions


def _simpler(shown: Shown) -> Iterator[Candidate]:
    """Simpler candidates; those that would simplify most come first."""
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
    """Join two runs of one actor: move the later one forward, or the earlier one back."""
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
