"""A name that means another incarnation: stale attaches.

An actor knows an incarnation of a name if its creation is ordered before the actor's attach by
messages, barriers, forks or the actor's own steps.  If that incarnation is not known to be gone,
and the attach got another one of whose creation the actor cannot know, the name has changed its
meaning behind its back.
"""

from shmrace.happens_before import synchronised
from shmrace.ledger import Segment
from shmrace.record import Record
from shmrace.verdict import Finding


def findings(record: Record) -> list[Finding]:
    renewed = {
        name: entry.history
        for name, entry in record.ledger.names.items()
        if len({id(segment) for _, _, segment in entry.history if segment is not None}) > 1
    }
    if not renewed:
        return []
    known = synchronised(record.turns)
    found = []
    for segment in record.ledger.segments:
        for actor, step in segment.attached:
            for name in segment.names:
                if name in renewed and record.ledger.meant(name, step) is segment:
                    old = _expected(record, known, renewed[name], actor, step)
                    if old is not None and old is not segment:
                        found.append(_finding(record, actor, step, old, segment))
    return found


def _expected(
    record: Record,
    known: list[int],
    history: list[tuple[int, str, Segment | None]],
    actor: str,
    step: int,
) -> Segment | None:
    """What the actor had to think that the name means; None if it could know of nothing."""
    here = record.turn_of.get(step)
    expected = None
    for changed, who, segment in history:
        turn = record.turn_of.get(changed, -1)
        ordered = here is not None and (turn < 0 or known[here] >> turn & 1)
        if changed < step and (ordered or who == actor):
            expected = segment
    return expected


def _finding(record: Record, actor: str, step: int, old: Segment, new: Segment) -> Finding:
    text = (
        f"{actor} attaches {new.label}{record.where(step)} under the name by which it knows"
        f" {old.label}: {new.creator} has created it anew{record.where(new.created)}"
    )
    return Finding(
        "stale-attach", text, actor=actor, step=step, segment=new.label,
        racing=(new.created, step), cause=f"stale-attach {text}",
    )  # fmt: skip
