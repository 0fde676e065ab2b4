"""Names without a usable segment: missing segments, double unlinks, half-born attaches.

An attach that found no segment is a *probe* if its actor survives it.  If the actor later ends in
an exception of any type, the cause is its last failure that it did not make good.  The exception's
type decides nothing, because real code wraps and swallows `FileNotFoundError`.  An actor that went
on to make or attach another segment has survived, unless the exception was raised from a
`FileNotFoundError`.
"""

from dataclasses import dataclass

from shmrace.errors import DoubleUnlink, HalfBornAttach, MissingSegment, RaceFound, TrackerUnlink
from shmrace.model.breach import Breach
from shmrace.model.faults import FaultKind
from shmrace.model.ledger import Ledger, Miss, Segment
from shmrace.model.operations import LOOKING, Operation
from shmrace.model.record import Ending, Record


@dataclass(frozen=True)
class _Failure:
    """A step at which an actor found no segment, or one of size 0."""

    step: int
    miss: Miss | None = None
    unsized: Segment | None = None


LEAVING = (FaultKind.TERM, FaultKind.EXIT)
"""Faults that make an actor leave; an earlier failure of the actor is not the cause then."""


def breaches(record: Record) -> list[Breach]:
    """A breach for each actor that failed because of a name."""
    found = []
    for actor, ending in record.endings.items():
        if ending.raised and not ending.peer_died and record.struck.get(actor) not in LEAVING:
            failure = last_failure(record, actor)
            if failure is not None:
                found.append(_breach(record, actor, ending, failure))
    for death in record.deaths:
        if death.fault or death.signal:
            continue
        failure = last_failure(record, death.actor)
        if failure is not None:
            ending = Ending(True, death.step, message=str(death.exit_code))
            found.append(_breach(record, death.actor, ending, failure))
    return found


def last_failure(record: Record, actor: str) -> _Failure | None:
    """The last failed attach or unlink of an actor that it did not make good later.

    A look at a segment without a size counts too, if the actor only looked and ended after it.
    """
    ledger = record.ledger
    ending = record.endings.get(actor)
    told = ending is not None and ending.missed_a_name
    candidates = [
        _Failure(miss.step, miss=miss)
        for miss in ledger.misses
        if miss.actor == actor
        and miss.operation in (Operation.ATTACH, Operation.UNLINK)
        and not _made_good(ledger, actor, miss)
        and (told or not _went_on(record, actor, miss.step))
    ]
    for segment in ledger.segments:
        for who, step in segment.looks_at_nothing:
            born_later = segment.sized is None or segment.sized > step
            if who == actor and segment.creator != actor and born_later:
                if _did_nothing_after(record, actor, step):
                    candidates.append(_Failure(step, unsized=segment))
    return max(candidates, key=lambda failure: failure.step, default=None)


def _went_on(record: Record, actor: str, step: int) -> bool:
    """Did the actor make or attach a segment, or try to make one, after this step?"""
    return any(
        one.operation == Operation.CREATE or (one.operation == Operation.ATTACH and one.ok)
        for one in record.trace[step + 1 :]
        if one.actor == actor
    )


def _did_nothing_after(record: Record, actor: str, step: int) -> bool:
    """Did the actor only look at segments, and end, after this step?"""
    return all(
        one.operation in {*LOOKING, Operation.END, Operation.EXIT}
        for one in record.trace[step + 1 :]
        if one.actor == actor
    )


def _made_good(ledger: Ledger, actor: str, miss: Miss) -> bool:
    """Did the actor later attach or create a segment of this name?"""
    return any(
        who == actor and step > miss.step
        for segment in ledger.segments
        if miss.name in segment.names
        for who, step in [*segment.attached, (segment.creator, segment.created)]
    )


def _breach(record: Record, actor: str, ending: Ending, failure: _Failure) -> Breach:
    if failure.unsized is not None:
        return _half_born(record, actor, ending, failure.step, failure.unsized)
    assert failure.miss is not None
    if failure.miss.operation == Operation.UNLINK:
        return _double_unlink(record, ending, failure.miss)
    return _missing(record, ending, failure.miss)


def _missing(record: Record, ending: Ending, miss: Miss) -> Breach:
    label = record.ledger.label(miss.name)
    attaches = f"{miss.actor} attaches {label}{record.where(miss.step)}"
    racing = None
    if miss.by is not None:
        by = record.trace[miss.by]
        racing = (miss.by, miss.step)
        if by.actor in record.trackers:
            return _by_a_tracker(record, ending, miss, racing)
        if by.actor == miss.actor:
            text = f"{attaches}, which it has unlinked itself{record.where(miss.by)}"
        else:
            verb = "unlinks" if by.operation == Operation.UNLINK else "renames"
            text = (
                f"{by.actor} {verb} {label}{record.where(miss.by)} before {miss.actor} attaches"
                f" it{record.where(miss.step)}"
            )
    else:
        later = _created_later(record, miss)
        if later is None:
            text = f"{attaches}, which nobody has created"
        else:
            maker = record.trace[later]
            text = f"{attaches} before {maker.actor} creates it{record.where(later)}"
            racing = (miss.step, later)
    return _raised(MissingSegment, text, record, ending, miss.actor, miss.step, label, racing)


def _created_later(record: Record, miss: Miss) -> int | None:
    for segment in record.ledger.segments:
        if miss.name in segment.names and segment.created > miss.step:
            return segment.created
    return None


def _double_unlink(record: Record, ending: Ending, miss: Miss) -> Breach:
    label = record.ledger.label(miss.name)
    racing = None
    if miss.by is None:
        text = f"{miss.actor} unlinks {label}{record.where(miss.step)}, which nobody has created"
    else:
        first = record.trace[miss.by].actor
        racing = (miss.by, miss.step)
        if first in record.trackers:
            return _by_a_tracker(record, ending, miss, racing)
        who = "itself" if first == miss.actor else f"by {first}"
        text = (
            f"{miss.actor} unlinks {label}{record.where(miss.step)}, which was unlinked already"
            f" {who}{record.where(miss.by)}"
        )
    return _raised(DoubleUnlink, text, record, ending, miss.actor, miss.step, label, racing)


def _by_a_tracker(record: Record, ending: Ending, miss: Miss, racing: tuple[int, int]) -> Breach:
    """A resource tracker removed a segment that an actor still needed.

    A tracker does so when every process that is connected to it has ended.
    """
    label, tracker = record.ledger.label(miss.name), record.trace[racing[0]].actor
    text = (
        f"{tracker}, the resource tracker of {record.trackers[tracker]}, unlinks {label} before"
        f" {miss.actor} {'attaches' if miss.operation == Operation.ATTACH else 'unlinks'}"
        f" it{record.where(miss.step)}"
    )
    return _raised(TrackerUnlink, text, record, ending, miss.actor, miss.step, label, racing)


def _half_born(record: Record, actor: str, ending: Ending, step: int, segment: Segment) -> Breach:
    attaches = f"{actor} attaches {segment.label}{record.where(step)}"
    if segment.sized is None:
        text = f"{attaches}, to which {segment.creator} never gives a size{_died(record, segment)}"
        return _raised(HalfBornAttach, text, record, ending, actor, step, segment.label, None)
    text = f"{attaches} before {segment.creator} has given it a size{record.where(segment.sized)}"
    racing = (step, segment.sized)
    return _raised(HalfBornAttach, text, record, ending, actor, step, segment.label, racing)


def _died(record: Record, segment: Segment) -> str:
    """That a fault ended the creator of a segment, if one did."""
    for death in record.deaths:
        if death.fault and death.actor == segment.creator:
            return f": it {record.how_it_died(death)}{record.where(death.step)}"
    return ""


def _raised(
    race: type[RaceFound], text: str, record: Record, ending: Ending, actor: str, step: int,
    label: str, racing: tuple[int, int] | None,
) -> Breach:  # fmt: skip
    return Breach(
        race, text, actor=actor, step=step, segment=label, racing=racing,
        detail=f"{actor} {_how(ending)}",
    )  # fmt: skip


def _how(ending: Ending) -> str:
    """How the actor ended: with an exception, or with an exit status."""
    if not ending.error:
        return f"left with exit status {ending.message}"
    return f"raised {ending.error}: {ending.message}"
