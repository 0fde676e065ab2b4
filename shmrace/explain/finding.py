"""What one execution comes to: its findings with everything that a report needs, its verdict."""

from collections.abc import Sequence
from dataclasses import replace

from shmrace.errors import UsageError
from shmrace.explain.unlinkers import unlinkers
from shmrace.explain.why import why
from shmrace.judgement import evidence as judgement
from shmrace.judgement.evidence import Evidence
from shmrace.judgement.execution import Execution
from shmrace.judgement.invariants.ends import consequences, peers
from shmrace.model.explanation import Explanation
from shmrace.model.record import Record
from shmrace.model.schedule import Schedule
from shmrace.model.token import Token
from shmrace.model.trace import fingerprint, visible
from shmrace.model.verdict import Finding
from shmrace.scenario import loading as catalogue
from shmrace.scenario.base import Scenario


def note(evidence: Evidence, execution: Execution, trace_class: str) -> None:
    """Add a finished execution to the evidence of a search."""
    evidence.add(execution.record, trace_class)
    evidence.assumed |= execution.recorded.assumed
    evidence.ungated += execution.recorded.ungated
    evidence.refused |= set(execution.recorded.attempts)


def completed(
    finding: Finding, execution: Execution, scenario: Scenario, faults: Sequence[str], limit: int
) -> Finding:
    """The finding with everything a report needs: trace, token, consequences, outputs."""
    record = execution.record
    others = [
        _as_consequence(one, finding, record)
        for one in execution.judge()
        if one.cause != finding.cause
    ]
    before = visible(execution.trace[: finding.step])
    changed = tuple(sorted(scenario.changed().items(), key=lambda item: item[0]))
    made = Token(
        type(scenario).__name__, changed, tuple(faults), limit, execution.schedule,
        fingerprint(before), len(before),
    )  # fmt: skip
    lives = [
        f"{segment.label}    {record.ledger.life(segment)}"
        for segment in record.ledger.segments
        if finding.segment in (None, segment.label)
    ]
    outputs = [(name, execution.output(name)) for name in record.parts]
    return replace(
        finding, schedule=Schedule(execution.decisions, faults, limit),
        preemptions=execution.preemptions,
        faults=record.faults, token=_written(made), trace=execution.trace, lives=tuple(lives),
        consequences=tuple(others + consequences(record)),
        outputs=tuple((name, text) for name, text in outputs if text),
        explanation=Explanation(
            why=why(finding, record), peers=tuple(peers(record)),
            unlinkers=unlinkers(record, finding.segment, None)
            if finding.kind == "leak" and finding.segment is not None else (),
        ),
    )  # fmt: skip


def _written(made: Token) -> str:
    """The token; empty where a parameter cannot be written down."""
    try:
        return str(made)
    except UsageError:
        return ""


def _as_consequence(other: Finding, root: Finding, record: Record) -> str:
    """Another finding of the same execution, told as what followed from the first."""
    if other.kind == root.kind and other.racing and root.racing and other.step is not None:
        if other.racing[0] == root.racing[0]:
            where = record.where(other.step).strip(" ()")
            return f"{other.actor} fails as {root.actor} did (step {other.step + 1}, {where})"
    return f"{other.kind}: {other.message}"


def conclude(
    execution: Execution, scenario: Scenario, faults: Sequence[str], limit: int, remark: str = ""
) -> None:
    """Judge a single execution, and give it a verdict of its own."""
    evidence = Evidence()
    note(evidence, execution, "the only one")
    if execution.reused or (execution.recorded.real_ends and scenario.start == "warm"):
        evidence.assumed.add("warm")
    found: list[Finding] = []
    for finding in execution.judge():
        if execution.accepts(finding):
            evidence.accepted[finding.kind] += 1
        elif not found:
            found.append(completed(finding, execution, scenario, faults, limit))
    execution.findings = tuple(found)
    execution.verdict = judgement.verdict(
        evidence, tuple(found), False, 0.0, target=catalogue.target_of(scenario),
        parameters=scenario.parameters(), ranks=scenario.ranks, explorer="replay",
        start=scenario.start, shown=repr(scenario), note=remark,
        uses_segments=scenario.uses_segments(),
    )  # fmt: skip
