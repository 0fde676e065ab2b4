"""The one place that issues a pass, and says what the pass rests on.

A pass needs evidence, not just the absence of findings.  Every actor began and ended; at least one
segment was created and unlinked; the witness saw no operation that the gate missed; the same
decisions gave the same trace.  If one of these is missing, the verdict is inconclusive and says
which.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shmrace.errors import (
    ASSERTIONS,
    NO_LEAKS,
    NO_MISSING_SEGMENT,
    RACES,
    UNLINKED_EXACTLY_ONCE,
    Nondeterminism,
)
from shmrace.judgement.evidence import Evidence
from shmrace.model.assumptions import Assumption
from shmrace.model.prose import counted
from shmrace.model.verdict import (
    BROKEN,
    HELD,
    NOT_EXERCISED,
    Door,
    Finding,
    RacingPairs,
    Subject,
    Verdict,
)
from shmrace.scenario import loading
from shmrace.scenario.base import Scenario


@dataclass(frozen=True)
class Doubt:
    """Why a pass would be worthless although its evidence is complete."""

    reason: str  # the verdict's reason, if it would pass: it becomes inconclusive
    remark: str  # the verdict's note, if it fails or is inconclusive anyway


@dataclass(frozen=True)
class Conduct:
    """How a search was run; a verdict repeats these values."""

    explorer: str
    start: str
    seed: int = 0
    faults: Sequence[str] = ()  # as the user asked for them
    uses_segments: bool = True
    symmetry: bool = False
    racing_pairs: RacingPairs | None = None
    notes: Sequence[str] = ()


def subject_of(scenario: Scenario, target: str = "", door: Door = Door()) -> Subject:
    """The subject of a verdict on a scenario; `target` is the name that the user gave."""
    named = target or loading.target_of(scenario)
    return Subject(
        target=named or type(scenario).__name__,
        parameters=scenario.parameters(),
        ranks=scenario.ranks,
        shown=repr(scenario),
        door=door,
        within_reach=named is not None,
    )


def verdict(
    subject: Subject, conduct: Conduct, evidence: Evidence, findings: tuple[Finding, ...],
    complete: bool = False, elapsed: float = 0.0, doubt: Doubt | None = None,
    also: tuple[Finding, ...] = (),
) -> Verdict:  # fmt: skip
    """The verdict: pass, fail or inconclusive.

    `complete` says that every trace class was run; `elapsed` is in seconds; `also` are findings of
    other kinds that were met while the first was counted.
    """
    races = tuple(one for one in findings if one.race is not Nondeterminism)
    reason = "" if races else _reason(evidence, findings, conduct)
    notes = list(conduct.notes)
    if evidence.spared:
        notes.append("no fault was tried on an actor that waits while nobody else can go on")
    if doubt is not None:
        if races or reason:
            notes.append(doubt.remark)
        else:
            reason = doubt.reason
    return Verdict(
        subject=subject,
        explorer=conduct.explorer,
        start=conduct.start,
        seed=conduct.seed,
        status="fail" if races else "inconclusive" if reason else "pass",
        complete=complete and not reason,
        assumes=tuple(one for one in Assumption if one in evidence.assumed),
        assertions=_assertions(evidence, (*findings, *also)),
        executions=evidence.executions,
        trace_classes=len(evidence.classes),
        elapsed=elapsed,
        steps=evidence.steps,
        racing_pairs=conduct.racing_pairs,
        symmetry=conduct.symmetry,
        note="; ".join(notes),
        reason=reason,
        accepted=dict(sorted(evidence.accepted.items())),
        refused=tuple(sorted(evidence.refused)),
        opaque=tuple(sorted(evidence.opaque)),
        data_race=evidence.data_race,
        findings=findings,
        also=also,
    )


def _reason(evidence: Evidence, findings: tuple[Finding, ...], conduct: Conduct) -> str:
    """Why the verdict is inconclusive although no race was found; empty for a pass."""
    if findings:
        return findings[0].first_line
    if evidence.interrupted:
        return "interrupted before the search was over"
    if evidence.ungated:
        more = len(evidence.ungated) - 1
        rest = f" (and {more} more)" if more else ""
        return f"ungated-operation: {evidence.ungated[0]}{rest}"
    if evidence.cut_after is not None and not evidence.executions:
        return (
            "the budget was used up in the first execution, after"
            f" {counted(evidence.cut_after, 'turn')}: give it more time, as by --budget 5m"
        )
    absent = sorted(evidence.parts - evidence.entered)
    if absent:
        return f"nothing exercised: {', '.join(absent)} never began"
    endless = sorted(evidence.parts - evidence.ended)
    if endless:
        return f"nothing exercised to its end: {', '.join(endless)} never ended in any execution"
    if conduct.faults and not evidence.struck:
        return f"no fault ever struck: {', '.join(conduct.faults)} matches nothing that happened"
    if not conduct.uses_segments:
        return ""
    if not evidence.lived:
        return "nothing exercised: no segment was created"
    if not evidence.died and not evidence.accepted:
        return "nothing exercised: no segment was unlinked"
    return ""


def _assertions(evidence: Evidence, findings: tuple[Finding, ...]) -> dict[str, str]:
    kinds = {finding.kind for finding in findings} | set(evidence.accepted)
    broken = {name for kind in kinds for name in RACES[kind].breaks}
    exercised = {
        NO_MISSING_SEGMENT: evidence.attached or evidence.died,
        UNLINKED_EXACTLY_ONCE: evidence.unlinked,
        NO_LEAKS: evidence.lived,
    }
    return {
        name: BROKEN if name in broken else HELD if exercised[name] else NOT_EXERCISED
        for name in ASSERTIONS
    }
