"""A name that means another incarnation: stale attaches, foreign unlinks.

An actor knows an incarnation of a name if its creation is ordered before what the actor does by
messages, barriers, forks or the actor's own steps.  If that incarnation is not known to be gone,
and the actor attached or unlinked another one of whose creation it cannot know, the name has
changed its meaning behind its back.  Whoever unlinks also knows what it has attached itself, and
means that even once it is gone.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from shmrace.errors import ForeignUnlink, RaceFound, StaleAttach
from shmrace.model.breach import Breach
from shmrace.model.happens_before import synchronised
from shmrace.model.ledger import Segment
from shmrace.model.operations import Operation
from shmrace.model.record import Record

History = Sequence[tuple[int, str, Segment | None]]
"""What a name came to mean, and at which step by whom."""


def breaches(record: Record) -> list[Breach]:
    renewed = {
        name: entry.history
        for name, entry in record.ledger.names.items()
        if len({id(segment) for _, _, segment in entry.history if segment is not None}) > 1
    }
    if not renewed:
        return []
    known = synchronised(record.turns)
    return [*_attaches(record, known, renewed), *_unlinks(record, known, renewed)]


def _attaches(
    record: Record, known: Sequence[int], renewed: Mapping[str, History]
) -> Iterator[Breach]:
    for segment in record.ledger.segments:
        for actor, step in segment.attached:
            for name in segment.names:
                if name in renewed and record.ledger.meant(name, step) is segment:
                    old = _expected(record, known, renewed[name], actor, step)
                    if old is not None and old is not segment:
                        yield _breach(StaleAttach, record, actor, step, old, segment)


def _unlinks(
    record: Record, known: Sequence[int], renewed: Mapping[str, History]
) -> Iterator[Breach]:
    for history in renewed.values():
        for place, (step, actor, after) in enumerate(history):
            if after is not None or record.trace[step].operation != Operation.UNLINK:
                continue
            segment = history[place - 1][2]
            attached = {
                id(one)
                for _, _, one in history[:place]
                for who, when in (one.attached if one is not None else ())
                if who == actor and when < step
            }
            old = _expected(record, known, history[:place], actor, step, attached)
            if segment is not None and old is not None and old is not segment:
                yield _breach(ForeignUnlink, record, actor, step, old, segment)


def _expected(
    record: Record, known: Sequence[int], history: History, actor: str, step: int,
    attached: Collection[int] = (),
) -> Segment | None:  # fmt: skip
    """What the actor had to think that the name means; None if it could know of nothing.
    `attached` are the identities of those that it has attached itself, and still means when
    another has unlinked them."""
    here = record.turn_of.get(step)
    expected = None
    for changed, who, segment in history:
        turn = record.turn_of.get(changed, -1)
        ordered = here is not None and (turn < 0 or known[here] >> turn & 1)
        if segment is None and id(expected) in attached and who != actor:
            continue
        if changed < step and (ordered or who == actor or id(segment) in attached):
            expected = segment
    return expected


def _breach(
    race: type[RaceFound], record: Record, actor: str, step: int, old: Segment, new: Segment
) -> Breach:
    verb = "attaches" if race is StaleAttach else "unlinks"
    text = (
        f"{actor} {verb} {new.label}{record.where(step)} under the name by which it knows"
        f" {old.label}: {new.creator} has created it anew{record.where(new.created)}"
    )
    return Breach(
        race, text, actor=actor, step=step, segment=new.label, racing=(new.created, step),
    )  # fmt: skip
