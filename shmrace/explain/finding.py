"""The one place that makes a finding.  It is made once, when everything about it is known."""

from shmrace.errors import Livelock
from shmrace.explain.frequency import Counts
from shmrace.explain.sighting import Sighting
from shmrace.explain.trials import Trials
from shmrace.explain.unlinkers import unlinkers
from shmrace.explain.why import why
from shmrace.judgement.invariants.ends import peers
from shmrace.model.breach import Breach
from shmrace.model.explanation import Explanation
from shmrace.model.record import Record
from shmrace.model.trace import Step
from shmrace.model.verdict import Finding


def finding(seen: Sighting, trials: Trials = Trials(), counts: Counts = Counts()) -> Finding:
    """The finding of a sighting.

    `seen` is the simplest execution that shows it, `trials` the executions that were run to
    explain it, and `counts` says how often the search found the same.
    """
    breach, record = seen.breach, seen.record
    lives = [
        f"{segment.label}    {record.ledger.life(segment)}"
        for segment in record.ledger.segments
        if breach.segment in (None, segment.label)
    ]
    return Finding(
        breach=breach,
        schedule=seen.schedule,
        preemptions=seen.preemptions,
        strikes=record.faults,
        token=seen.token,
        trace=_shown(breach, record),
        lives=tuple(lives),
        consequences=seen.consequences,
        outputs=seen.outputs,
        explanation=Explanation(
            frequency=counts.frequency,
            why=why(breach, record),
            fix=trials.fix,
            unlinkers=unlinkers(seen, trials.undisturbed),
            death_map=counts.death_map,
            peers=tuple(peers(record)),
            by_hand=trials.by_hand,
        ),
    )


def _shown(breach: Breach, record: Record) -> tuple[Step, ...]:
    """The steps that are worth telling: of a livelock, up to those that are made over and over."""
    if breach.race is Livelock and breach.step is not None:
        return record.trace[: breach.step + 1]
    return record.trace


def unexplained(breach: Breach, trace: tuple[Step, ...]) -> Finding:
    """A finding that no single execution shows, such as nondeterminism: it has no explanation."""
    return Finding(breach, trace=trace)
