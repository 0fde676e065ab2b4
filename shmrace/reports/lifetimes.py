"""The lifetimes of segments, read from a trace: creation, unlink, and the actors that hold them.

There is no gate at close and munmap.  But each step reads the bytes of all segments that its actor
holds.  So the last such step is the end of a holding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shmrace.model.ledger import alias_of
from shmrace.model.objects import bytes_of, name_of
from shmrace.model.operations import NAMES_ONLY, Operation
from shmrace.model.trace import Step


@dataclass(frozen=True)
class Holding:
    """An actor holds a segment, open or mapped, from step `first` to step `last` inclusive."""

    actor: str
    first: int  # indices into the trace
    last: int


@dataclass(frozen=True)
class Lifetime:
    """The lifetime of one segment.  Steps are indices into the trace."""

    label: str
    created: int | None  # None: before the trace begins
    unlinked: int | None  # the step that removed its last name; None: none did
    named: bool  # False: it never had a name
    holdings: tuple[Holding, ...] = ()

    @property
    def left(self) -> bool:
        """Does the segment have a name after all actors have ended?"""
        return self.named and self.unlinked is None

    @property
    def last_held(self) -> int | None:
        """The last step in which an actor holds the segment; None if no actor holds it."""
        return max((holding.last for holding in self.holdings), default=None)


def lifetimes(trace: Sequence[Step]) -> tuple[Lifetime, ...]:
    """The lifetime of each segment in the trace, in the order of their first steps."""
    subjects: dict[str, str] = {}
    for step in trace:
        if step.segment is not None:
            subjects.setdefault(step.segment, step.subject)
    return tuple(_lifetime(label, subject, trace) for label, subject in subjects.items())


def _lifetime(label: str, subject: str, trace: Sequence[Step]) -> Lifetime:
    created: int | None = None
    unlinked: int | None = None
    names = 0
    named = False
    for step in trace:
        if not step.ok:
            continue
        own = step.segment == label
        if own and step.operation == Operation.CREATE:
            created = step.index
        if own and step.name is not None and not named:  # its first name
            named, names = True, 1
        elif own and step.operation == Operation.LINK:
            names += 1
        if (own and step.operation == Operation.UNLINK) or _pushes_out(step, label, subject):
            names -= 1
            unlinked = step.index
    gone = unlinked if names <= 0 else None
    return Lifetime(label, created, gone, named, tuple(_holdings(label, subject, trace)))


def _pushes_out(step: Step, label: str, subject: str) -> bool:
    """Is this a rename of another segment to this segment's name?"""
    name = name_of(alias_of(subject))
    return (
        step.operation == Operation.RENAME
        and step.segment != label
        and any(one == name for one, _ in step.accesses)
    )


def _holdings(label: str, subject: str, trace: Sequence[Step]) -> list[Holding]:
    found: list[Holding] = []
    open_at: dict[str, int] = {}  # by actor, the place in `found`
    for step in trace:
        if _holds(step, label, subject):
            place = open_at.get(step.actor)
            if place is None:
                open_at[step.actor] = len(found)
                found.append(Holding(step.actor, step.index, step.index))
            else:
                found[place] = Holding(step.actor, found[place].first, step.index)
        else:
            open_at.pop(step.actor, None)
    return found


def _holds(step: Step, label: str, subject: str) -> bool:
    if subject and any(one == bytes_of(subject) for one, _ in step.accesses):
        return True
    return step.ok and step.segment == label and step.operation not in NAMES_ONLY
