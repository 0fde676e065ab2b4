"""The one place that makes a finding.  It is made once, when everything about it is known."""

from dataclasses import replace

from shmrace.errors import Leak, Livelock
from shmrace.explain.frequency import Counts
from shmrace.explain.sighting import Sighting
from shmrace.explain.trials import Trials
from shmrace.explain.unlinkers import unlinkers
from shmrace.explain.why import in_order, why
from shmrace.judgement.invariants.ends import peers
from shmrace.model.breach import Breach
from shmrace.model.explanation import Explanation
from shmrace.model.record import Record
from shmrace.model.trace import Step
from shmrace.model.verdict import Finding, Simplicity


def finding(
    seen: Sighting, trials: Trials = Trials(), counts: Counts = Counts(),
    simplicity: Simplicity = Simplicity.AS_FOUND,
) -> Finding:  # fmt: skip
    """The finding of a sighting.

    `trials` are the executions that were run to explain it, `counts` says how often the search
    found the same, and `simplicity` how the execution was chosen.
    """
    breach, record = seen.breach, seen.record
    if breach.racing is None and trials.racing is not None:
        breach = replace(breach, racing=trials.racing)
    lives = [
        f"{segment.label}    {record.ledger.life(segment)}"
        for segment in record.ledger.segments
        if breach.segment in (None, segment.label)
    ]
    return Finding(
        breach=breach,
        schedule=seen.schedule,
        simplicity=simplicity,
        preemptions=seen.preemptions,
        strikes=record.faults,
        token=seen.token,
        trace=_shown(breach, record),
        turns=_turns(record),
        lives=tuple(lives),
        left=_left(breach, record),
        consequences=seen.consequences,
        outputs=seen.outputs,
        explanation=Explanation(
            frequency=counts.frequency,
            why=why(breach, record),
            in_order=in_order(breach, record),
            fix=trials.fix,
            unlinkers=unlinkers(seen, trials.undisturbed, counts.unlinks),
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


def _turns(record: Record) -> tuple[int, ...]:
    """The first step of each turn; several waits may end in one."""
    first: dict[int, int] = {}
    for step, turn in record.turn_of.items():
        first[turn] = min(step, first.get(turn, step))
    return tuple(first[turn] for turn in sorted(first))


def _left(breach: Breach, record: Record) -> str:
    """What a leaked name leaves behind, with its size at the end."""
    if breach.race is not Leak:
        return ""
    return next(
        f"{segment.label}, {segment.measure}"
        for segment in record.ledger.segments
        if segment.label == breach.segment
    )


def unexplained(breach: Breach, trace: tuple[Step, ...]) -> Finding:
    """A finding that no single execution shows, such as nondeterminism: it has no explanation."""
    return Finding(breach, trace=trace)
