"""Which actors could have unlinked a leaked segment, and why they did not.  Pure.

An execution without preemptions and faults shows which actor unlinks the segment, and at which
line.  The execution with the leak shows how far each actor came.  What an actor does in other
schedules is counted over all that the search has run; a single execution tells nothing of them.
"""

from shmrace.errors import Leak
from shmrace.explain.frequency import Unlinks
from shmrace.explain.sighting import Sighting
from shmrace.model.ledger import Segment, alias_of
from shmrace.model.operations import SEGMENT, Operation, Outcome
from shmrace.model.prose import counted
from shmrace.model.record import Record
from shmrace.model.trace import Step


def unlinkers(
    seen: Sighting, undisturbed: Record | None, others: Unlinks | None
) -> tuple[tuple[str, str], ...]:
    """(actor, sentence) for each actor of the scenario; empty unless the breach is a leaked name.

    `undisturbed` is an execution without preemptions and faults, if one was run; `others` counts
    the schedules in which each actor unlinks the segment, if there was a search.
    """
    record, label = seen.record, seen.breach.segment
    if seen.breach.race is not Leak:
        return ()
    segment = next((one for one in record.ledger.segments if one.label == label), None)
    if segment is None:
        return ()
    unlinks = _unlinks(undisturbed, segment.subject) if undisturbed is not None else {}
    return tuple(
        (actor, _sentence(record, segment, actor, unlinks.get(actor), others))
        for actor in record.parts
    )


def _unlinks(undisturbed: Record, subject: str) -> dict[str, str]:
    """The line at which each actor unlinks, or tries to, in the undisturbed execution."""
    found: dict[str, str] = {}
    for step in undisturbed.trace:
        if _unlinks_it(step, subject):
            found.setdefault(step.actor, undisturbed.where(step.index))
    return found


def _unlinks_it(step: Step, subject: str) -> bool:
    """Does the step unlink this segment, or try to?  A removed name is recognised by its alias."""
    return step.operation == Operation.UNLINK and step.subject in (subject, alias_of(subject))


def _sentence(
    record: Record, segment: Segment, actor: str, unlink: str | None, others: Unlinks | None
) -> str:
    """What an actor did about the segment.

    `unlink` is the line of its unlink in the undisturbed execution, None if it has none there.
    """
    own = [step for step in record.trace if step.actor == actor]
    killed = next((one for one in record.deaths if one.actor == actor and one.fault), None)
    end = killed.step if killed is not None else len(record.trace)
    holds = _holds(record, segment, actor, own, end)
    if killed is not None:
        return f"{record.how_it_died(killed)} at step {killed.step + 1}; {holds}"
    tried = next((one for one in own if _unlinks_it(one, segment.subject)), None)
    if tried is not None:
        return f"{holds}; tried to unlink it at step {tried.number}: {tried.outcome}"
    if unlink is not None:
        return f"{holds}; its unlink{unlink} was never reached: {_where_instead(record, own)}"
    if others is None:
        return f"{holds}; did not come to unlink it"
    often = others.by.get(actor, 0)
    if often:
        ran = counted(others.schedules, "distinct schedule")
        return f"{holds}; unlinks it in {often} of {ran}, not in this one"
    if others.schedules == 1:
        return f"{holds}; does not unlink it in the only schedule that was run"
    which = "all " if others.all_run else ""
    return f"{holds}; unlinks it in none of {which}{others.schedules:,} distinct schedules"


def _holds(record: Record, segment: Segment, actor: str, own: list[Step], end: int) -> str:
    """What the actor had of the segment, and whether it has let go of it before its `end`.

    It holds it by a descriptor, by a mapping, or both.
    """
    label = segment.label
    created = [segment.created] if actor == segment.creator else []
    attached = [step for who, step in segment.attached if who == actor]
    used = [one.index for one in own if one.segment == label and one.operation in SEGMENT]
    first = "created it" if created else "attached it" if attached else "came to hold it"
    if not (created or attached or used):
        return "never attached it"
    last = max((*created, *attached, *used))
    let_go = [step for who, step in segment.let_go if who == actor and last <= step < end]
    after = next((one for one in own if let_go and one.index > let_go[-1]), None)
    if after is not None and record.trace[let_go[-1]].operation not in _ENDS:
        return f"{first}, and closed it before step {after.number}"
    return f"{first}, and held it until {'then' if end < len(record.trace) else 'its end'}"


_ENDS = (Operation.END, Operation.EXIT)


def _where_instead(record: Record, own: list[Step]) -> str:
    """Where an actor stands or ended that did not reach its unlink."""
    if not own:
        return "it never began"
    last = own[-1]
    end = next((step for step in own if step.operation == Operation.END), None)
    if end is None:
        return f"it stands behind {last.operation}{record.where(last.index)}"
    before = [step for step in own if step.index < end.index][-1:]
    last_done = f" {before[0].operation}{record.where(before[0].index)}" if before else ""
    if end.outcome == Outcome.RAISED:
        return f"it raised {end.detail}" + (f" in{last_done}" if last_done else "")
    return "it returned" + (f" after{last_done}" if last_done else "")
