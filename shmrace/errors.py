"""The errors that shmrace raises: one class for each kind of finding, and those of bad input."""

from typing import Any


class ShmraceError(Exception):
    """Anything that shmrace itself raises."""


class UsageError(ShmraceError, ValueError):
    """Bad input: one line that says what, where and what to do."""


class GateError(ShmraceError):
    """This machine refuses what the gate needs."""


class PeerDied(ShmraceError):
    """Raised in an actor that waits for one that died or failed."""


class InjectedFault(ShmraceError):
    """Raised at a checkpoint by the fault `raise`."""


class Inconclusive(ShmraceError):
    """Neither a finding nor a pass; the message says why."""

    verdict: Any = None  # the `Verdict` that it was raised for


class RaceFound(AssertionError):
    """A finding; the message is its report.  Each kind has a subclass."""

    kind = ""
    verdict: Any = None  # the `Verdict` that it was raised for


class MissingSegment(RaceFound):
    kind = "missing-segment"


class DoubleUnlink(RaceFound):
    kind = "double-unlink"


class Leak(RaceFound):
    kind = "leak"


class HalfBornAttach(RaceFound):
    kind = "half-born-attach"


class StaleAttach(RaceFound):
    kind = "stale-attach"


class ForeignUnlink(RaceFound):
    kind = "foreign-unlink"


class TrackerUnlink(RaceFound):
    kind = "tracker-unlink"


class TrackerImbalance(RaceFound):
    kind = "tracker-imbalance"


class LeakedMapping(RaceFound):
    kind = "leaked-mapping"


class LeakedDescriptor(RaceFound):
    kind = "leaked-fd"


class ActorAssertion(RaceFound):
    kind = "assertion"


class InvariantBroken(RaceFound):
    kind = "invariant"


class RankError(RaceFound):
    kind = "rank-error"


class RankCrash(RaceFound):
    kind = "rank-crash"


class Deadlock(RaceFound):
    kind = "deadlock"


class Hang(RaceFound):
    kind = "hang"


class Nondeterminism(RaceFound):
    kind = "nondeterminism"


RACES: dict[str, type[RaceFound]] = {
    race.kind: race
    for race in (
        MissingSegment, DoubleUnlink, Leak, HalfBornAttach, StaleAttach, ForeignUnlink,
        TrackerUnlink, TrackerImbalance, LeakedMapping, LeakedDescriptor, ActorAssertion,
        InvariantBroken, RankError, RankCrash, Deadlock, Hang, Nondeterminism,
    )
}  # fmt: skip
"""The error of each kind of finding."""
