"""The time that a search has, by its budget, and what it may still begin.

A search ends within about twice its budget.  No execution starts once the budget is used up.  What
a search then does with what it has found (shrink, explain, repeat) may take half of the budget
more; after that, whatever is under way is given up.
"""

import time
from math import inf

from shmrace.search.budget import Budget

_AFTERWARDS = 1.5  # budgets after which nothing new begins
_AT_MOST = 1.9  # budgets after which an execution is given up


class Pace:
    """The time of one search, from now on."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._started = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the search began."""
        return time.monotonic() - self._started

    @property
    def until(self) -> float:
        """The moment, of `time.monotonic`, at which an execution under way is given up."""
        return self._started + _AT_MOST * self._seconds

    def allows(self, executions: int) -> bool:
        """May another execution start, after so many?  The first one always may."""
        return executions == 0 or self._budget.allows(executions, self.elapsed)

    def left_afterwards(self) -> float:
        """For how many seconds more what was found may be looked into."""
        return _AFTERWARDS * self._seconds - self.elapsed

    @property
    def _seconds(self) -> float:
        return inf if self._budget.seconds is None else self._budget.seconds
