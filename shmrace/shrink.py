"""Shrinking: the simplest schedule that still shows the same finding.

Fewest faults, then preemptions, then steps, then the smallest decisions.  Delta debugging in three
passes: the empty schedule, cutting the tail, then setting each decision to zero or to something
smaller; over again until nothing gets simpler.  Source: Zeller and Hildebrandt, IEEE TSE 28(2),
2002.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shmrace.schedule import Schedule

_MOST_TRIES = 200


@dataclass(frozen=True, order=True)
class Cost:
    """What a schedule asks of whoever reads its execution; the less the simpler."""

    faults: int
    preemptions: int
    steps: int


def shrink(
    found: Schedule, cost: Cost, measure: Callable[[Schedule], Cost | None]
) -> tuple[Schedule, Cost]:
    """A schedule that no single simplification makes simpler, with its cost.

    `measure` runs a schedule; None: it does not show the finding.  Ends early after 200 tries;
    what it returns was shown to show it, or is `found` itself.
    """
    best = found
    tried = {best}
    improved = True
    while improved:
        improved = False
        for candidate in _simpler(best):
            if candidate in tried:
                continue
            if len(tried) > _MOST_TRIES:
                return best, cost
            tried.add(candidate)
            measured = measure(candidate)
            if measured is not None and _rank(candidate, measured) < _rank(best, cost):
                best, cost, improved = candidate, measured, True
                break
    return best, cost


def _rank(schedule: Schedule, cost: Cost) -> tuple[Cost, int, tuple[int, ...]]:
    return cost, len(schedule.decisions), schedule.decisions


def _simpler(schedule: Schedule) -> Iterator[Schedule]:
    """Simpler schedules, the boldest first."""
    decisions = schedule.decisions
    if decisions:
        yield Schedule()
    for length in _halves(len(decisions)):
        yield Schedule(decisions[:length])
    for place, decision in enumerate(decisions):
        if decision:
            yield Schedule((*decisions[:place], 0, *decisions[place + 1 :]))
    for place, decision in enumerate(decisions):
        for smaller in range(1, decision):
            yield Schedule((*decisions[:place], smaller, *decisions[place + 1 :]))
    for place, decision in enumerate(decisions):
        if decision == 0:  # an earlier preemption with fewer decisions before it
            yield Schedule((*decisions[:place], *decisions[place + 1 :]))


def _halves(length: int) -> Iterator[int]:
    """Lengths to cut a list to: a half, three quarters, … one less."""
    cut = length // 2
    while cut > 0:
        yield length - cut
        cut //= 2
