"""How long a search counts after its finding, within its budget.

A sampling search never reaches its end, and counts for a short time.  A systematic one counts for
longer, but not if it has run many executions by then: if its end was not among them, it is far, and
the count tells enough.
"""

import time

from shmrace.judgement.evidence import Evidence

SECONDS, AT_LEAST = 10.0, 2.0
MANY = 100  # executions


class Counting:
    """The counting of one search, from now on."""

    def __init__(self, by_samples: bool, evidence: Evidence) -> None:
        self._by_samples = by_samples
        self._evidence = evidence
        self._before = evidence.executions
        self._began = time.monotonic()

    def goes_on(self) -> bool:
        """Does it go on?"""
        few = self._evidence.executions - self._before < MANY and not self._by_samples
        return time.monotonic() - self._began < (SECONDS if few else AT_LEAST)
