"""Invariants: pure functions from the record of one execution to its breaches.

A new family of invariants is one new file and one line in `INVARIANTS`.  The kind of a breach
follows from the ledger, never from an exception's type: real code wraps and swallows exceptions.
"""

from collections.abc import Callable

from shmrace.judgement.invariants import ends, identity, leaks, names, progress, trackers
from shmrace.model.breach import Breach
from shmrace.model.record import Record

INVARIANTS: tuple[Callable[[Record], list[Breach]], ...] = (
    names.breaches,
    identity.breaches,
    ends.breaches,
    progress.breaches,
    leaks.breaches,
    trackers.breaches,
)


def broken(record: Record) -> list[Breach]:
    """All breaches of one execution, ordered by step; breaches without a step come last."""
    found = [breach for invariant in INVARIANTS for breach in invariant(record)]
    last = len(record.trace)
    return sorted(found, key=lambda breach: last if breach.step is None else breach.step)
