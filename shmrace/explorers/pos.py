"""POS: partial order sampling.

Each pending event has a random priority and the highest one happens; afterwards those that race
with it draw again.  Source: Yuan, Yang, Gu, "Partial Order Aware Concurrency Sampling", CAV'18.
Departure: what a pending event will touch is not known before it happens, so it is taken to touch
what the same actor's event of this name and number touched in earlier runs, and to race with
nothing in the first.
"""

import random
from collections.abc import Sequence

from shmrace.explorers.chance import strike
from shmrace.explorers.interface import Explorer, Point
from shmrace.model.objects import Accesses, dependent
from shmrace.model.trace import Turn


class Pos(Explorer):
    """Never complete; the same seed draws the same runs."""

    name = "pos"
    uses_seed = True

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self._random = random.Random(seed)
        self._known: dict[tuple[str, int, str], Accesses] = {}
        self._counts: dict[str, int] = {}
        self._priorities: dict[str, float] = {}  # of the event that each actor stands before

    def begin(self) -> bool:
        self._counts = {}
        self._priorities = {}
        return True

    def choose(self, point: Point) -> int:
        choices = point.choices
        if point.happened:
            self._learn(point.happened[-1])
            self._draw_again(point)
        fault = strike(choices, self._random)
        if fault is not None:
            return fault
        priorities = self._priorities
        best, highest = -1, -1.0
        for index, choice in enumerate(choices):
            if choice.fault:
                continue
            priority = priorities.get(choice.actor)
            if priority is None:
                priority = priorities[choice.actor] = self._random.random()
            if priority > highest:
                best, highest = index, priority
        return best

    def _learn(self, turn: Turn) -> None:
        """Enter what a turn touched; its actor and those that moved along stand before another
        event now."""
        nth = self._counts.get(turn.actor, 0)
        self._known[turn.actor, nth, turn.operation] = turn.accesses
        self._counts[turn.actor] = nth + 1
        self._priorities.pop(turn.actor, None)
        for actor in turn.moved:
            self._priorities.pop(actor, None)

    def _draw_again(self, point: Point) -> None:
        """A new priority for each pending event that races with the last turn."""
        last = point.happened[-1].accesses
        if not last:
            return
        known, counts, priorities = self._known, self._counts, self._priorities
        for choice in point.choices:
            actor = choice.actor
            if actor in priorities:
                accesses = known.get((actor, counts.get(actor, 0), choice.operation))
                if accesses and dependent(accesses, last):
                    priorities[actor] = self._random.random()

    def finish(self, happened: Sequence[Turn], pending: Sequence[Turn]) -> None:
        if happened:
            self._learn(happened[-1])
