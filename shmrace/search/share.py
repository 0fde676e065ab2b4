"""A share of drawn schedules in a systematic search that takes long.

A systematic search goes depth first: it reverses the last races of an execution first, and comes to
its first ones at the very end.  So a search that has not ended after a number of executions also
draws some, by the explorers of the portfolio.  They may find what lies early in an execution; what
is complete, and when, is for the systematic search to say.
"""

from shmrace.explorers.interface import Explorer
from shmrace.explorers.portfolio import Portfolio

SMALL = 100
"""Executions of a systematic search, before any is drawn."""

_FIRST = 100
"""As many are drawn in turn with those of the systematic search; then one to ten of its own."""

_RARELY = 10


class Share:
    """Whose turn it is: that of the systematic `explorer`, or that of the sampler."""

    def __init__(self, explorer: Explorer) -> None:
        self.drawn = 0  # executions
        self._explorer = explorer
        self._sampler = Portfolio() if explorer.is_systematic else None
        self._own = 0  # executions of the explorer

    def note(self) -> list[str]:
        """What a verdict says of the drawn ones."""
        if not self.drawn:
            return []
        were = "was" if self.drawn == 1 else "were"
        return [f"{self.drawn} of the executions {were} drawn, besides the systematic search"]

    def begin(self) -> Explorer | None:
        """The explorer of the next execution; None if the search is over."""
        more = self._own - SMALL
        if self._sampler is not None and more > 0:
            if self.drawn < min(more, _FIRST) + more // _RARELY:
                self.drawn += 1
                self._sampler.begin()
                return self._sampler
        if not self._explorer.begin():
            return None
        self._own += 1
        return self._explorer
