"""Leaks: names left in ``/dev/shm``, and segments without a name that an actor still holds."""

from shmrace.errors import Leak, LeakedDescriptor, LeakedMapping, RaceFound
from shmrace.model.breach import Breach
from shmrace.model.ledger import Segment
from shmrace.model.record import Record


def breaches(record: Record) -> list[Breach]:
    """Leaked names, mappings and descriptors; none of an execution that has no end."""
    if record.hanging is not None or record.stuck.polling:
        return []
    found = [_leak(record, name, segment) for name, segment in record.ledger.linked()]
    for actor, label, how in record.held:
        race: type[RaceFound] = LeakedMapping if how == "mapping" else LeakedDescriptor
        what = "maps" if how == "mapping" else "has a descriptor of"
        text = f"{actor} has returned and still {what} {label}, which has no name any more"
        cause = f"{race.kind} {actor}"
        one = next(one for one in record.ledger.segments if one.label == label)
        alike = f"{record.role(one.creator)}{_nth(one)}"
        found.append(Breach(race, text, actor=actor, segment=label, alike=alike, cause=cause))
    return found


def _leak(record: Record, name: str, segment: Segment) -> Breach:
    label = segment.label
    dead = [death for death in record.deaths if death.fault]
    size = segment.measure
    made = f"created by {segment.creator}{record.where(segment.created)}"
    why = f"nobody unlinks it ({size}, {made})"
    if dead:
        how = record.how_it_died(dead[0])
        why = f"{dead[0].actor} {how}{record.where(dead[0].step)} and nobody else unlinks it"
    text = f"{label} stays in /dev/shm: {why}"
    detail = f"{label} ({size}) was {made} and is linked after everybody has ended."
    return Breach(
        Leak, text, actor=segment.creator, segment=label, alike=_nth(segment),
        cause=f"leak {segment.subject} {record.where(segment.created)}", detail=detail,
    )  # fmt: skip


def _nth(segment: Segment) -> str:
    """Which of its creator's creations it is, such as "#0"."""
    return segment.subject.removeprefix(segment.creator)
