"""Reused names: an actor attaches or unlinks another segment than the one it knows by the name.

An actor *knows* a segment of a name if the segment's creation happens before the actor's step, by
messages, barriers, forks or the actor's own steps.  A stale attach, or a foreign unlink, is a step
with three properties: the actor knows a segment of this name; the actor does not know that this
segment was unlinked; the step reaches a newer segment whose creation the actor does not know.
It must be certain that the actor does not know: neither by what the program enforces, nor by what
the actor has looked at, other than this name and its segments.

Who attaches a name knows by its own creation no more once it has let go of that segment: it may
have closed it to open the name again.  A name that was renamed over another one was replaced on
purpose, so that who attaches it means the new segment.

An unlink has one more rule.  The actor also knows each segment that it has attached itself, and
means that segment even after another actor has unlinked it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from shmrace.errors import ForeignUnlink, RaceFound, StaleAttach
from shmrace.model.breach import Breach
from shmrace.model.happens_before import observable, synchronised
from shmrace.model.ledger import Segment
from shmrace.model.operations import Operation
from shmrace.model.record import Record

History = Sequence[tuple[int, str, Segment | None]]
"""(step, actor, segment) for each change of a name; the segment is None after an unlink."""


def breaches(record: Record) -> list[Breach]:
    """Stale attaches and foreign unlinks."""
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
                    if _is_replaced(record, renewed[name], step):
                        continue
                    old = _expected(record, known, renewed[name], actor, step, attaches=True)
                    if old is None or old is segment:
                        continue
                    if not _may_know(record, name, renewed[name], old, step):
                        yield _breach(StaleAttach, record, actor, step, old, segment)


def _is_replaced(record: Record, history: History, step: int) -> bool:
    """Did a rename make the name mean what it means at this step?"""
    changed = max(at for at, _, _ in history if at < step)
    return record.trace[changed].operation == Operation.RENAME


def _unlinks(
    record: Record, known: Sequence[int], renewed: Mapping[str, History]
) -> Iterator[Breach]:
    for name, history in renewed.items():
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
            if segment is None or old is None or old is segment:
                continue
            if not _may_know(record, name, history[:place], old, step):
                yield _breach(ForeignUnlink, record, actor, step, old, segment)


def _expected(
    record: Record, known: Sequence[int], history: History, actor: str, step: int,
    attached: Collection[int] = (), attaches: bool = False,
) -> Segment | None:  # fmt: skip
    """The segment that the actor knows by a name at a step; None if it knows none.

    `attached` holds the `id` of each segment that the actor has attached itself.  The actor still
    means such a segment when another actor has unlinked it.
    """
    here = record.turn_of.get(step)
    expected = None
    for changed, who, segment in history:
        turn = record.turn_of.get(changed, -1)
        ordered = here is not None and (turn < 0 or known[here] >> turn & 1)
        if segment is None and id(expected) in attached and who != actor:
            continue
        if attaches and segment is not None and who == actor:
            if _let_go(segment, actor, changed, step):
                expected = None
                continue
        if changed < step and (ordered or who == actor or id(segment) in attached):
            expected = segment
    return expected


def _may_know(record: Record, name: str, history: History, old: Segment, step: int) -> bool:
    """May the actor of this step have learned that the name means the old segment no more?"""
    here = record.turn_of.get(step)
    if here is None:
        return False
    own = {*record.ledger.keys(name), *(one.subject for _, _, one in history if one is not None)}
    without = {
        one for turn in record.turns for one, _ in turn.accesses if not own.isdisjoint(one.whose)
    }
    learned = observable(record.turns, without)[here]
    since = max(at for at, _, segment in history if segment is old and at < step)
    return any(
        learned >> record.turn_of[at] & 1
        for at, _, _ in history
        if since < at < step and at in record.turn_of
    )


def _let_go(segment: Segment, actor: str, since: int, until: int) -> bool:
    return any(who == actor and since <= at < until for who, at in segment.let_go)


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
