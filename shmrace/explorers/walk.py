"""Random walk: at each point every actor is as likely as any other."""

import random

from shmrace.explorers.chance import actors, strike
from shmrace.explorers.interface import Explorer, Point


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
        fault = strike(point.choices, self._random)
        return self._random.choice(actors(point.choices)) if fault is None else fault
