"""Invariants: findings from the record of one execution.  Pure.

A new family is one new file and one line in `INVARIANTS`.  Each is a function from a `Record` to
findings; kinds come from the ledger, never from an exception's type.
"""

from collections.abc import Callable

from shmrace.judgement.invariants import ends, identity, leaks, names, progress, trackers
from shmrace.model.record import Record
from shmrace.model.verdict import Finding

INVARIANTS: tuple[Callable[[Record], list[Finding]], ...] = (
    names.findings,
    identity.findings,
    ends.findings,
    progress.findings,
    leaks.findings,
    trackers.findings,
)


def judge(record: Record) -> list[Finding]:
    """All findings of one execution, the first in time first; those at its end come last."""
    found = [finding for invariant in INVARIANTS for finding in invariant(record)]
    last = len(record.trace)
    return sorted(found, key=lambda finding: last if finding.step is None else finding.step)
