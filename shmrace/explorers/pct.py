"""PCT: probabilistic concurrency testing.

Each actor gets a random priority and the highest one that can goes on; at d - 1 change points the
one that moved last drops below all others.  A bug that d ordered events make is met with
probability 1 / (n * k^(d-1)) at least.  Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A
Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS'10.  Departures: d is 1,
2 and 3 in turn unless it is given; k is the length of the longest run so far, and change points may
fall past the end of a run (drawn strictly inside it, d = 3 misses what d = 1 finds).
"""

import random
from collections.abc import Sequence

from shmrace.explorers.chance import actors, strike
from shmrace.explorers.interface import Explorer, Point
from shmrace.model.trace import Turn

_DEPTHS = 3


class Pct(Explorer):
    """Never complete; `depth` is the number of ordered events that make the bug."""

    name = "pct"
    uses_seed = True
    uses_depth = True

    def __init__(self, seed: int = 0, depth: int | None = None) -> None:
        super().__init__(seed)
        self.name = f"{Pct.name}{depth or ''}"
        self._random = random.Random(seed)
        self._given = depth
        self._runs = 0
        self._longest = 1
        self._priorities: dict[str, float] = {}
        self._changes: dict[int, int] = {}  # by the number of turns before it

    def begin(self) -> bool:
        depth = self._given or self._runs % _DEPTHS + 1
        self._runs += 1
        self._priorities = {}
        self._changes = {}
        for nth in range(depth - 1):
            self._changes[self._random.randint(1, self._longest)] = nth
        return True

    def choose(self, point: Point) -> int:
        choices = point.choices
        fault = strike(choices, self._random)
        if fault is not None:
            return fault
        able = actors(choices)
        turn = len(point.happened)
        if turn in self._changes:
            self._priorities[point.happened[-1].actor] = -1.0 - self._changes[turn]
        return max(able, key=lambda index: self._priority(choices[index].actor))

    def _priority(self, actor: str) -> float:
        """Drawn when the actor is met first; those that dropped lie below zero."""
        if actor not in self._priorities:
            self._priorities[actor] = self._random.random()
        return self._priorities[actor]

    def finish(self, happened: Sequence[Turn], pending: Sequence[Turn]) -> None:
        self._longest = max(self._longest, len(happened))
