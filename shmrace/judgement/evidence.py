"""The one place that issues a pass, and says what it rests on.

A pass is evidence, never silence: every actor was entered, at least one segment lived and died,
the witness agreed with the gate, the same decisions gave the same trace.  What is missing makes the
verdict inconclusive, with the reason.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shmrace.model.happens_before import synchronised
from shmrace.model.record import Record
from shmrace.model.verdict import ASSUMPTIONS, BROKEN, HELD, NOT_EXERCISED, Finding, Verdict

_BREAKS = {
    "no_missing_segment": ("missing-segment", "half-born-attach", "stale-attach", "tracker-unlink"),
    "unlinked_exactly_once": ("double-unlink", "foreign-unlink", "tracker-unlink"),
    "no_leaks": ("leak",),
}


@dataclass
class Evidence:
    """What a search has seen so far."""

    executions: int = 0
    steps: int = 0
    classes: set[str] = field(default_factory=set)
    assumed: set[str] = field(default_factory=set)
    ungated: list[str] = field(default_factory=list)  # what the witness saw and the gate did not
    refused: set[str] = field(default_factory=set)  # doors that were tried and are closed
    accepted: Counter[str] = field(default_factory=Counter)
    interrupted: bool = False
    parts: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    struck: set[str] = field(default_factory=set)  # faults
    attached: bool = False
    unlinked: bool = False
    lived: bool = False
    died: bool = False

    def add(self, record: Record, trace_class: str) -> None:
        """One more execution."""
        self.executions += 1
        self.steps += len(record.trace)
        self.classes.add(trace_class)
        self.parts.update(record.parts)
        self.entered.update(record.entered)
        self.ended.update(record.ended)
        self.struck.update(record.faults)
        for segment in record.ledger.segments:
            self.lived = True
            self.attached |= bool(segment.attached)
            self.unlinked |= bool(segment.unlinked)
            self.died |= bool(segment.unlinked) or segment.kind == "memfd"
        if _raced_on_bytes(record):
            self.assumed.add("data-races")


def verdict(
    evidence: Evidence, findings: tuple[Finding, ...], complete: bool, elapsed: float,
    faults: Sequence[str] = (), uses_segments: bool = True, **about: Any,
) -> Verdict:  # fmt: skip
    """Pass, fail or inconclusive; `about` is what the verdict is about: target, parameters,
    ranks, explorer, start, seed."""
    races = tuple(one for one in findings if one.kind != "nondeterminism")
    reason = "" if races else _reason(evidence, findings, faults, uses_segments)
    status = "fail" if races else "inconclusive" if reason else "pass"
    return Verdict(
        status=status,
        complete=complete and not reason,
        assumes=tuple(one for one in ASSUMPTIONS if one in evidence.assumed),
        assertions=_assertions(evidence, findings),
        executions=evidence.executions,
        trace_classes=len(evidence.classes),
        elapsed=elapsed,
        steps=evidence.steps,
        reason=reason,
        accepted=dict(sorted(evidence.accepted.items())),
        refused=tuple(sorted(evidence.refused)),
        findings=findings,
        **about,
    )


def _reason(
    evidence: Evidence, findings: tuple[Finding, ...], asked_for_faults: Sequence[str],
    uses_segments: bool,
) -> str:  # fmt: skip
    """Why this is no pass although nothing was found; empty if it is one."""
    if findings:
        return findings[0].first_line
    if evidence.interrupted:
        return "interrupted before the search was over"
    if evidence.ungated:
        more = len(evidence.ungated) - 1
        rest = f" (and {more} more)" if more else ""
        return f"ungated-operation: {evidence.ungated[0]}{rest}"
    absent = sorted(evidence.parts - evidence.entered)
    if absent:
        return f"nothing exercised: {', '.join(absent)} never began"
    endless = sorted(evidence.parts - evidence.ended)
    if endless:
        return f"nothing exercised to its end: {', '.join(endless)} never ended in any execution"
    if asked_for_faults and not evidence.struck:
        return f"no fault ever struck: {', '.join(asked_for_faults)} matches nothing that happened"
    if not uses_segments:
        return ""
    if not evidence.lived:
        return "nothing exercised: no segment was created"
    if not evidence.died and not evidence.accepted:
        return "nothing exercised: no segment was unlinked"
    return ""


def _assertions(evidence: Evidence, findings: tuple[Finding, ...]) -> dict[str, str]:
    kinds = {finding.kind for finding in findings} | set(evidence.accepted)
    exercised = {
        "no_missing_segment": evidence.attached or evidence.died,
        "unlinked_exactly_once": evidence.unlinked,
        "no_leaks": evidence.lived,
    }
    return {
        name: BROKEN if kinds & set(broken) else HELD if exercised[name] else NOT_EXERCISED
        for name, broken in _BREAKS.items()
    }


def _raced_on_bytes(record: Record) -> bool:
    """Did somebody write bytes of a segment while another actor held it, with nothing between the
    two that orders them?"""
    known = synchronised(record.turns)
    for segment in record.ledger.segments:
        touched = [
            index
            for index, turn in enumerate(record.turns)
            if any(object_ == f"bytes {segment.subject}" for object_, _ in turn.accesses)
        ]
        for writer, step in segment.wrote:
            turn = record.turn_of.get(step)
            if turn is None:
                continue  # in setup
            for other in touched:
                first, later = sorted((turn, other))
                if record.turns[other].actor != writer and not known[later] >> first & 1:
                    return True
    return False
