"""What is found out about a finding once it is there: an order that would help, who could have
unlinked, the lines that lead to it by hand.  All of it is tried out in the session of the search.
"""

from dataclasses import replace

from shmrace.engine.session import Session
from shmrace.explain.by_hand import by_hand
from shmrace.explain.fix import checked_fix
from shmrace.explain.unlinkers import unlinkers
from shmrace.judgement.execution import by_schedule, public
from shmrace.model.record import Record
from shmrace.model.schedule import Schedule
from shmrace.model.verdict import Finding

SECONDS = 5.0
"""For which an order that would help is explored."""


def explained(session: Session, finding: Finding, record: Record) -> Finding:
    """The finding with what its simplest execution alone does not tell."""
    told = replace(
        finding.explanation,
        fix=checked_fix(session, finding, record, SECONDS),
        by_hand=by_hand(session, finding, record),
    )
    if finding.kind == "leak" and finding.segment is not None:
        undisturbed = public(session.run(by_schedule(Schedule()), stacks=True, fresh=True))
        told = replace(told, unlinkers=unlinkers(record, finding.segment, undisturbed.record))
    return replace(finding, explanation=told)
