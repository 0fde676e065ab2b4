"""What is tried out about a breach in the session of the search: an order that would help, the
lines that lead to it by hand, and for a leak what happens where no actor is disturbed."""

from dataclasses import dataclass

from shmrace.engine.choosers import by_schedule
from shmrace.engine.session import Session
from shmrace.errors import Leak
from shmrace.explain.by_hand import by_hand
from shmrace.explain.fix import checked_fix
from shmrace.explain.sighting import Sighting
from shmrace.model.explanation import Fix, Move
from shmrace.model.record import Record
from shmrace.model.schedule import Schedule

SECONDS = 5.0
"""For which an order that would help is explored."""


@dataclass(frozen=True)
class Trials:
    """What came of them; what was not tried is empty."""

    fix: Fix | None = None
    by_hand: tuple[Move, ...] = ()
    undisturbed: Record | None = None


def tried(session: Session, seen: Sighting) -> Trials:
    """All trials that the breach calls for."""
    undisturbed = None
    fix, lines = checked_fix(session, seen, SECONDS), by_hand(session, seen)
    if seen.breach.race is Leak and seen.breach.segment is not None:
        undisturbed = session.run(by_schedule(Schedule()), stacks=True, fresh=True).record
    return Trials(fix, lines, undisturbed)
