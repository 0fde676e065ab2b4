"""The errors that shmrace raises: those of bad input, and one class for each kind of finding.

A kind of finding is a subclass of `RaceFound`: its docstring is the kind's meaning, `kind` its
word, `breaks` the assertions of a verdict that it breaks.  The documents' table is made from these.
"""

from typing import Any, ClassVar


class ShmraceError(Exception):
    """Anything that shmrace itself raises."""


class UsageError(ShmraceError, ValueError):
    """Bad input: one line that says what, where and what to do."""


class GateError(ShmraceError):
    """There is no gate, or no longer: the machine refuses it, or a process of shmrace has ended."""


class GateRefused(GateError):
    """This machine refuses what the gate needs; `why` says what."""

    def __init__(self, why: str) -> None:
        super().__init__(f"this machine refuses the gate: {why}")
        self.why = why


class GateLost(GateError):
    """A process of shmrace's own, or one that it needs, was ended from outside: no verdict."""


class PeerDied(ShmraceError):
    """Raised in an actor that waits for one that died or failed."""


class InjectedFault(ShmraceError):
    """Raised at a checkpoint by the fault `raise`."""


class Inconclusive(ShmraceError):
    """Neither a finding nor a pass; the message says why."""

    verdict: Any = None  # the `Verdict` that it was raised for


NO_MISSING_SEGMENT = "no_missing_segment"
UNLINKED_EXACTLY_ONCE = "unlinked_exactly_once"
NO_LEAKS = "no_leaks"

ASSERTIONS = {
    NO_MISSING_SEGMENT: "no actor fails because a segment is not there",
    UNLINKED_EXACTLY_ONCE: "each name is unlinked once; an unlink that finds nothing, and that its"
    " actor survives, is tolerated",
    NO_LEAKS: "no name is left in /dev/shm once every actor has ended",
}
"""What a verdict asserts of every execution, in the order it is listed, with the meaning."""


class RaceFound(AssertionError):
    """A finding; the message is its report.  Each kind has a subclass."""

    kind: ClassVar[str] = ""
    breaks: ClassVar[tuple[str, ...]] = ()
    verdict: Any = None  # the `Verdict` that it was raised for

    def __init_subclass__(cls) -> None:
        if "kind" in vars(cls):
            RACES[cls.kind] = cls


RACES: dict[str, type[RaceFound]] = {}
"""The error of each kind of finding, by the kind's word, in the order of the classes below."""


class MissingSegment(RaceFound):
    """An attach found no segment, gone or not there yet, and its actor then failed.  An attach that
    its actor survives is a probe, and no finding."""

    kind = "missing-segment"
    breaks = (NO_MISSING_SEGMENT,)


class DoubleUnlink(RaceFound):
    """An actor unlinked a name that was gone already, and failed because of it."""

    kind = "double-unlink"
    breaks = (UNLINKED_EXACTLY_ONCE,)


class Leak(RaceFound):
    """A name stays in /dev/shm after every actor has ended."""

    kind = "leak"
    breaks = (NO_LEAKS,)


class HalfBornAttach(RaceFound):
    """An actor attached a segment before its creator had given it a size, and failed."""

    kind = "half-born-attach"
    breaks = (NO_MISSING_SEGMENT,)


class StaleAttach(RaceFound):
    """An actor attached a name that means another segment than the one it knew."""

    kind = "stale-attach"
    breaks = (NO_MISSING_SEGMENT,)


class ForeignUnlink(RaceFound):
    """An actor unlinked a name that means another segment than the one it knew."""

    kind = "foreign-unlink"
    breaks = (UNLINKED_EXACTLY_ONCE,)


class TrackerUnlink(RaceFound):
    """A resource tracker removed a segment that an actor still needed."""

    kind = "tracker-unlink"
    breaks = (NO_MISSING_SEGMENT, UNLINKED_EXACTLY_ONCE)


class TrackerImbalance(RaceFound):
    """A name was unregistered from a resource tracker whose set does not hold it."""

    kind = "tracker-imbalance"


class LeakedMapping(RaceFound):
    """An actor has returned and still maps a segment that has no name any more."""

    kind = "leaked-mapping"


class LeakedDescriptor(RaceFound):
    """An actor has returned and still has a descriptor of a segment that has no name any more."""

    kind = "leaked-fd"


class ActorAssertion(RaceFound):
    """An `assert` failed in an actor."""

    kind = "assertion"


class InvariantBroken(RaceFound):
    """The scenario's `check` failed."""

    kind = "invariant"


class RankError(RaceFound):
    """An actor raised an exception that no other kind explains, or left with an exit status."""

    kind = "rank-error"


class RankCrash(RaceFound):
    """A signal ended an actor."""

    kind = "rank-crash"


class Deadlock(RaceFound):
    """No actor can go on, and not all have ended; it is known which waits for which."""

    kind = "deadlock"


class Livelock(RaceFound):
    """All actors that are left look again and again for what none of them will change, or wait:
    they would go on for ever; it is known which looks at what."""

    kind = "livelock"


class Hang(RaceFound):
    """An actor runs on for seconds without coming to a gate."""

    kind = "hang"


class Nondeterminism(RaceFound):
    """The same decisions led to other steps when an execution was repeated."""

    kind = "nondeterminism"


def text_of(error: BaseException) -> str:
    """The text of an exception; if it has none because its code raises, a sentence that says so."""
    try:
        return str(error)
    except BaseException as another:  # the exception's own code: it may raise anything
        return f"(its text cannot be had: its __str__ raised {type(another).__name__})"
