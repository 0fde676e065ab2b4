"""Which actors could have unlinked a leaked segment, and why they did not.  Pure.

An execution without preemptions and faults shows which actor unlinks the segment, and at which
line.  The execution with the leak shows how far each actor came.
"""

from shmrace.errors import Leak
from shmrace.explain.sighting import Sighting
from shmrace.model.ledger import Segment, alias_of
from shmrace.model.objects import bytes_of
from shmrace.model.operations import Operation, Outcome
from shmrace.model.record import Record
from shmrace.model.trace import Step


def unlinkers(seen: Sighting, undisturbed: Record | None) -> tuple[tuple[str, str], ...]:
    """(actor, sentence) for each actor of the scenario; empty unless the breach is a leaked name.

    `undisturbed` is an execution without preemptions and faults, if one was run.
    """
    record, label = seen.record, seen.breach.segment
    if seen.breach.race is not Leak:
        return ()
    segment = next((one for one in record.ledger.segments if one.label == label), None)
    if segment is None:
        return ()
    unlinks = _unlinks(undisturbed, segment.subject) if undisturbed is not None else {}
    return tuple(
        (actor, _sentence(record, segment, actor, unlinks.get(actor), undisturbed is not None))
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
    record: Record, segment: Segment, actor: str, unlink: str | None, compared: bool
) -> str:
    """What an actor did about the segment.

    `unlink` is the line of its unlink in the undisturbed execution, None if it has none there;
    `compared` says whether there was such an execution.
    """
    own = [step for step in record.trace if step.actor == actor]
    killed = next((one for one in record.deaths if one.actor == actor and one.fault), None)
    holds = _holds(segment, actor, own)
    if killed is not None:
        return f"was killed at step {killed.step + 1}; {holds}"
    tried = next((one for one in own if _unlinks_it(one, segment.subject)), None)
    if tried is not None:
        return f"{holds}; tried to unlink it at step {tried.number}: {tried.outcome}"
    if unlink is None:
        never = "does not unlink it, whatever happens to the others"
        return f"{holds}; {never if compared else 'did not come to unlink it'}"
    return f"{holds}; its unlink{unlink} was never reached: {_where_instead(record, own)}"


def _holds(segment: Segment, actor: str, own: list[Step]) -> str:
    """Whether the actor created, attached, mapped or closed the segment."""
    content = bytes_of(segment.subject)
    holding = [step for step in own if any(one == content for one, _ in step.accesses)]
    if not holding:
        if actor == segment.creator:
            return "created it"
        attached = any(who == actor for who, _ in segment.attached)
        return "attached it" if attached else "never attached it"
    later = next((step for step in own if step.index > holding[-1].index), None)
    if later is None or later.operation in (Operation.END, Operation.EXIT):
        return "has it mapped"
    return f"closed it before step {later.number}"


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
