"""Trials: executions that are run in the session of the search to explain a breach.

They look for an order that prevents the breach and for a schedule by hand that shows it.  For a
leak, one more execution runs without preemptions and faults.
"""

import time
from dataclasses import dataclass
from math import inf

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
"""How long a search for an order that prevents the breach may take."""


@dataclass(frozen=True)
class Trials:
    """The results of the trials; a result is empty if its trial was not run."""

    fix: Fix | None = None
    racing: tuple[int, int] | None = None  # the two steps that race, if the breach tells none
    by_hand: tuple[Move, ...] = ()
    undisturbed: Record | None = None
    hurried: bool = False  # there was no time for all of them


def tried(session: Session, seen: Sighting, seconds: float = inf) -> Trials:
    """Run the trials that fit the kind of the breach, as far as there are `seconds` for them."""
    began = time.monotonic()
    undisturbed: Record | None = None
    lines: tuple[Move, ...] = ()
    fix, racing = None, seen.breach.racing
    if seconds > 0:
        fix, racing = checked_fix(session, seen, min(SECONDS, seconds))
    hurried = time.monotonic() - began >= seconds
    if not hurried:
        lines = by_hand(session, seen)
    if seen.breach.race is Leak and seen.breach.segment is not None:
        undisturbed = session.run(by_schedule(Schedule()), stacks=True, fresh=True).record
    return Trials(fix, racing, lines, undisturbed, hurried)
