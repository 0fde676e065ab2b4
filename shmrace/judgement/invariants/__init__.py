"""Invariants: breaches, from the record of one execution.  Pure.

A new family is one new file and one line in `INVARIANTS`.  Each is a function from a `Record` to
breaches; kinds come from the ledger, never from an exception's type.
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
    """All breaches of one execution, the first in time first; those at its end come last."""
    found = [breach for invariant in INVARIANTS for breach in invariant(record)]
    last = len(record.trace)
    return sorted(found, key=lambda breach: last if breach.step is None else breach.step)
