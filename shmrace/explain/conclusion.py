"""The verdict on a single execution, such as a replayed one."""

from collections.abc import Callable, Sequence

from shmrace.explain.finding import finding
from shmrace.explain.sighting import Sighting, sighting
from shmrace.explain.trials import Trials
from shmrace.judgement.evidence import Evidence
from shmrace.judgement.execution import Execution
from shmrace.judgement.verdict import Conduct, Doubt, verdict
from shmrace.model.assumptions import Assumption
from shmrace.model.verdict import REPLAY, Finding, Simplicity, Subject, Verdict

_ONLY = "the only one"  # the name of its trace class


def conclude(
    execution: Execution, subject: Subject, faults: Sequence[str] = (), limit: int = 1,
    notes: Sequence[str] = (), doubt: Doubt | None = None,
    explain: Callable[[Sighting], Trials] | None = None,
) -> Verdict:  # fmt: skip
    """Judge one execution, and store the verdict in it.

    At most `limit` of the `faults` could strike.  `explain` runs the trials that explain a finding.
    """
    scenario = execution.scenario
    evidence = Evidence()
    evidence.saw(execution, _ONLY)
    engine = execution.engine
    if engine.reused or (engine.observations.real_ends and scenario.start == "warm"):
        evidence.assumed.add(Assumption.WARM)
    found: list[Finding] = []
    for breach in execution.breaches():
        if execution.accepts(breach):
            evidence.accepted[breach.kind] += 1
        elif not found:
            seen = sighting(breach, execution, scenario, tuple(faults), limit)
            trials = explain(seen) if explain is not None else Trials()
            found.append(finding(seen, trials, simplicity=Simplicity.GIVEN))
    conduct = Conduct(
        REPLAY, scenario.start, uses_segments=scenario.uses_segments(), notes=tuple(notes)
    )
    execution.verdict = verdict(subject, conduct, evidence, tuple(found), doubt=doubt)
    return execution.verdict
