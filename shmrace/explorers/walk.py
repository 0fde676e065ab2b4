"""Random walk: at each point every actor is as likely as any other.

A fault strikes at a point with probability 1 in 20, so that most of an execution happens before it.
"""

import random

from shmrace.explorers.interface import Explorer, Point

_FAULT = 0.05


class Walk(Explorer):
    """Never complete; the same seed walks the same ways."""

    name = "walk"
    uses_seed = True

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self._random = random.Random(seed)

    def begin(self) -> bool:
        return True

    def choose(self, point: Point) -> int:
        actors = [index for index, choice in enumerate(point.choices) if not choice.fault]
        faults = [index for index, choice in enumerate(point.choices) if choice.fault]
        if faults and (not actors or self._random.random() < _FAULT):
            return self._random.choice(faults)
        return self._random.choice(actors)
