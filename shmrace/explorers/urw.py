"""URW: uniform random walk over interleavings.

The next actor is drawn in proportion to the events that it has still to come, counted in a first
run, so that every interleaving is as likely as any other where the counts hold.  Source: Zhao,
Wolff, Mathur, Roychoudhury, "Selectively Uniform Concurrency Testing", ASPLOS'25.  Departures: the
counts are those of the longest run of each actor so far, since runs differ; an actor that
outlives its count weighs one event; every event counts, not only selected ones.
"""

import random
from collections import Counter
from collections.abc import Sequence

from shmrace.explorers.chance import actors, strike
from shmrace.explorers.interface import Explorer, Point
from shmrace.model.trace import Turn


class Urw(Explorer):
    """Never complete; the same seed draws the same runs."""

    name = "urw"
    uses_seed = True

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self._random = random.Random(seed)
        self._events: Counter[str] = Counter()  # of each actor, in its longest run
        self._left: dict[str, int] = {}

    def begin(self) -> bool:
        self._left = dict(self._events)
        return True

    def choose(self, point: Point) -> int:
        choices = point.choices
        chosen = strike(choices, self._random)
        if chosen is None:
            able = actors(choices)
            weights = [max(self._left.get(choices[index].actor, 1), 1) for index in able]
            chosen = self._random.choices(able, weights)[0] if len(able) > 1 else able[0]
        who = choices[chosen].who
        self._left[who] = self._left.get(who, 1) - 1
        return chosen

    def finish(self, happened: Sequence[Turn], pending: Sequence[Turn]) -> None:
        for actor, count in Counter(turn.actor for turn in happened).items():
            self._events[actor] = max(self._events[actor], count)
