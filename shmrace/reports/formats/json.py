"""A verdict as JSON.  Later versions may add keys, but do not rename any."""

import json
from dataclasses import asdict
from typing import Any

from shmrace.model.explanation import Explanation
from shmrace.model.stack import user_frames
from shmrace.model.trace import Step
from shmrace.model.verdict import Finding, RacingPairs, Verdict
from shmrace.reports.words import waited_for_the_dead


def report(verdict: Verdict) -> str:
    """One JSON object, indented; ends with a line feed."""
    return json.dumps(as_data(verdict), indent=2, default=repr) + "\n"


def as_data(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain data."""
    return {
        "target": verdict.target,
        "parameters": verdict.parameters,
        "ranks": verdict.ranks,
        "explorer": verdict.explorer,
        "seed": verdict.seed,
        "start": verdict.start,
        "gate": verdict.gate,
        "status": verdict.status,
        "complete": verdict.complete,
        "assumes": list(verdict.assumes),
        "data_race": verdict.data_race,
        "assertions": verdict.assertions,
        "executions": verdict.executions,
        "trace_classes": verdict.trace_classes,
        "trace_classes_of": verdict.trace_classes_of,
        "racing_pairs": _pairs(verdict.racing_pairs),
        "symmetry": verdict.symmetry,
        "steps": verdict.steps,
        "elapsed_s": round(verdict.elapsed, 3),
        "reason": verdict.reason,
        "note": verdict.note,
        "refused": list(verdict.refused),
        "opaque_calls": list(verdict.opaque),
        "accepted": verdict.accepted,
        "findings": [_finding(finding) for finding in verdict.findings],
        "also": [_finding(finding) for finding in verdict.also],
    }


def _pairs(pairs: RacingPairs | None) -> dict[str, Any] | None:
    if pairs is None:
        return None
    return {
        "seen": pairs.seen,
        "both_orders": pairs.both_orders,
        "one_order": list(pairs.one_order),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "segment": finding.segment,
        "actor": finding.actor,
        "step": finding.step + 1 if finding.step is not None else None,
        "message": finding.message,
        "cause": finding.cause,
        "detail": finding.detail,
        "racing": [step + 1 for step in finding.racing] if finding.racing else None,
        "consequences": [
            *finding.consequences,
            *(waited_for_the_dead(*one) for one in finding.explanation.peers),
        ],
        "token": finding.token,
        "schedule": list(finding.schedule.decisions),
        "preemptions": finding.preemptions,
        "simplicity": finding.simplicity,
        "faults": list(finding.faults),
        **_explanation(finding.explanation),
        "trace": [_step(step) for step in finding.trace],
    }


def _explanation(told: Explanation) -> dict[str, Any]:
    often, fix, deaths = told.frequency, told.fix, told.death_map
    return {
        "frequency": asdict(often) if often is not None else None,
        "why": list(told.why),
        "fix": asdict(fix) if fix is not None else None,
        "unlinkers": dict(told.unlinkers),
        "death_map": deaths
        and [
            {
                "actor": actor,
                "before": operation,
                "found": cell.found,
                "accepted": cell.accepted,
                "of": cell.deaths,
            }
            for actor, row in deaths.rows
            for operation, cell in zip(deaths.operations, row, strict=True)
            if cell.deaths
        ],
        "by_hand": [move.code for move in told.by_hand],
    }


def _step(step: Step) -> dict[str, Any]:
    frames = user_frames(step.stack)
    return {
        "step": step.number,
        "actor": step.actor,
        "operation": step.operation,
        "name": step.name,
        "segment": step.segment,
        "outcome": step.outcome,
        "detail": step.detail,
        "printed": list(step.printed),
        "location": f"{frames[0].path}:{frames[0].line}" if frames else None,
    }
