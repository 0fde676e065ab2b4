"""Which uses of the same bytes may have caused a finding that no racing operations explain.  Pure.

Who has a segment mapped reads its bytes in each step, as far as is known; that a step changes them
is seen.  So a candidate is a step that changes bytes, with the last step before it in which another
actor had them, or the first one after it, if nothing orders the two.  It is a *lost update* if the
other actor changes them as well, later: what it writes may rest on what it has read before.

Which candidate is the cause follows from executions: see `shmrace.explain.fix`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shmrace.model.happens_before import synchronised
from shmrace.model.ledger import Segment
from shmrace.model.objects import Mode, bytes_of
from shmrace.model.record import Record
from shmrace.model.trace import Step

Pair = tuple[int, int]
"""The indices of two steps of two actors, the earlier first."""


@dataclass(frozen=True)
class LostUpdate:
    """An actor had a segment mapped, another one changed its bytes, and then the first did."""

    segment: str
    before: Step  # the last step of `after`'s actor before the other's
    between: Step  # the other's step that changes the bytes
    after: Step  # the step that changes them again


def pairs(record: Record) -> list[Pair]:
    """The candidates, the most likely ones first: lost updates, the last of them first."""
    lost = [(one.before.index, one.between.index) for one in lost_updates(record)]
    others = [pair for segment in record.ledger.segments for pair in _races(record, segment)]
    return list(dict.fromkeys([*reversed(lost), *reversed(others)]))


def lost_updates(record: Record) -> list[LostUpdate]:
    """In the order of the steps that overwrite."""
    found = []
    known = synchronised(record.turns)
    for segment in record.ledger.segments:
        wrote = _wrote(record, segment)
        for after in wrote:
            for between in reversed(wrote):
                if between.actor == after.actor or between.index >= after.index:
                    continue
                earlier = [
                    one for one in _touched(record, segment)
                    if one.actor == after.actor and one.index < between.index
                ]  # fmt: skip
                if earlier and not _ordered(record, known, earlier[-1], between):
                    found.append(LostUpdate(segment.label, earlier[-1], between, after))
                    break
    return sorted(found, key=lambda one: one.after.index)


def _races(record: Record, segment: Segment) -> Iterator[Pair]:
    known = synchronised(record.turns)
    touched = _touched(record, segment)
    for written in _wrote(record, segment):
        for actor in dict.fromkeys(one.actor for one in touched if one.actor != written.actor):
            own = [one for one in touched if one.actor == actor]
            before = [one for one in own if one.index < written.index]
            after = [one for one in own if one.index > written.index]
            for first, second in ((before[-1:], [written]), ([written], after[:1])):
                for one, other in zip(first, second, strict=False):
                    if not _ordered(record, known, one, other):
                        yield one.index, other.index


def _touched(record: Record, segment: Segment) -> list[Step]:
    """The steps in which an actor has the bytes, by a mapping or by the operation itself."""
    content = bytes_of(segment.subject)
    return [
        step
        for step in record.trace
        if step.index in record.turn_of and any(one == content for one, _ in step.accesses)
    ]


def _wrote(record: Record, segment: Segment) -> list[Step]:
    """The steps that change them."""
    write = bytes_of(segment.subject), Mode.WRITE
    return [step for step in _touched(record, segment) if write in step.accesses]


def _ordered(record: Record, known: Sequence[int], one: Step, other: Step) -> bool:
    return bool(known[record.turn_of[other.index]] >> record.turn_of[one.index] & 1)
