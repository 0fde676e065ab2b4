"""Leaks: names left in ``/dev/shm``, and segments without a name that an actor still holds."""

from shmrace.errors import Leak, LeakedDescriptor, LeakedMapping, RaceFound
from shmrace.model.breach import Breach
from shmrace.model.faults import FaultKind
from shmrace.model.ledger import Segment
from shmrace.model.operations import SegmentKind
from shmrace.model.record import Record

_LEFT: dict[str, str] = {FaultKind.TERM: "was ended by SIGTERM", FaultKind.EXIT: "has left"}
"""How a report says that one of these faults ended an actor."""


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
        found.append(Breach(race, text, actor=actor, segment=label, cause=cause))
    return found


def _leak(record: Record, name: str, segment: Segment) -> Breach:
    label = segment.label
    dead = [death for death in record.deaths if death.fault]
    size = f"{segment.size} B" if segment.kind is SegmentKind.FILE else f"a {segment.kind}"
    made = f"created by {segment.creator}{record.where(segment.created)}"
    why = f"nobody unlinks it ({size}, {made})"
    if dead:
        how = _LEFT.get(record.struck.get(dead[0].actor, ""), "was killed")
        why = f"{dead[0].actor} {how}{record.where(dead[0].step)} and nobody else unlinks it"
    text = f"{label} stays in /dev/shm: {why}"
    detail = f"{label} ({size}) was {made} and is linked after everybody has ended."
    return Breach(
        Leak, text, actor=segment.creator, segment=label,
        cause=f"leak {segment.subject} {record.where(segment.created)}", detail=detail,
    )  # fmt: skip
