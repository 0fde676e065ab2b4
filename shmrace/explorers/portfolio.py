"""Portfolio: walk, URW, PCT and POS in turn, since none of them finds every bug first.

A walk meets what lies anywhere, URW what needs one of many interleavings, PCT what needs few
ordered events in long runs, POS what needs races to fall either way.  Each learns from its own.
"""

from collections.abc import Sequence

from shmrace.explorers.interface import Explorer, Point
from shmrace.explorers.pct import Pct
from shmrace.explorers.pos import Pos
from shmrace.explorers.urw import Urw
from shmrace.explorers.walk import Walk
from shmrace.model.trace import Turn


class Portfolio(Explorer):
    """Never complete; each member draws from the seed by itself."""

    name = "portfolio"
    uses_seed = True

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self._members: list[Explorer] = [Walk(seed), Urw(seed), Pct(seed), Pos(seed)]
        self._turn = -1

    def begin(self) -> bool:
        self._turn = (self._turn + 1) % len(self._members)
        return self._members[self._turn].begin()

    def choose(self, point: Point) -> int | None:
        return self._members[self._turn].choose(point)

    def finish(self, happened: Sequence[Turn], pending: Sequence[Turn]) -> None:
        self._members[self._turn].finish(happened, pending)
