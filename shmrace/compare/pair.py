"""Two scenarios on identical schedules: which findings does only the candidate have?

Both are searched.  The searches give one schedule for each trace class, and every such schedule is
run on both.  A schedule is a list of decisions, so it means the same interleaving as long as both
take the same steps.  The first step in which they differ is the divergence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from shmrace.engine.choosers import by_schedule
from shmrace.engine.session import Session
from shmrace.explain.finding import finding
from shmrace.explain.sighting import sighting
from shmrace.judgement.execution import Execution
from shmrace.model.schedule import Schedule
from shmrace.model.trace import Step, visible
from shmrace.model.verdict import Finding, Verdict, raise_findings
from shmrace.scenario.base import Scenario
from shmrace.search.options import Detail, SearchOptions
from shmrace.search.progress import Watcher
from shmrace.search.search import Search


@dataclass(frozen=True)
class Divergence:
    """One schedule on both scenarios; `place` is the first step in which they differ, from 0."""

    schedule: Schedule
    place: int
    baseline: tuple[Step, ...]
    candidate: tuple[Step, ...]
    outcomes: tuple[str, str]  # the first line of each finding; empty: none


@dataclass(frozen=True)
class Comparison:
    """The comparison of a baseline and a candidate."""

    baseline: Verdict
    candidate: Verdict
    schedules: int  # how many were run on both
    differ: int  # of these, how many end with different kinds
    divergence: Divergence | None  # of the simplest such schedule; None: no such
    new: tuple[Finding, ...] = field(default=())  # one for each kind that only the candidate has

    @property
    def status(self) -> str:
        """ "fail" if the candidate has a new kind of finding, else "inconclusive" or "pass"."""
        if self.new:
            return "fail"
        statuses = (self.baseline.status, self.candidate.status)
        return "inconclusive" if "inconclusive" in statuses else "pass"


Compared = tuple[Comparison, tuple[str, str]]
"""A comparison, and the names of its baseline and its candidate."""


def compare(
    baseline: Scenario, candidate: Scenario, options: SearchOptions = SearchOptions(),
    watcher: Watcher | None = None,
) -> Comparison:  # fmt: skip
    """Search both to the end of the budget, and run each schedule on both."""
    wanted = replace(options, keep_going=True, detail=Detail.SHRUNK)
    both = [Search(one, wanted, watcher=watcher) for one in (baseline, candidate)]
    verdicts = [one.run() for one in both]
    schedules = _simplest_first(schedule for one in both for schedule in one.schedules())
    faults, limit = options.faults, options.max_faults
    found: list[tuple[Execution, Execution]] = []
    with (
        Session(both[0].scenario, faults, limit) as first,
        Session(both[1].scenario, faults, limit) as second,
    ):
        for schedule in schedules:
            found.append((_run(first, schedule), _run(second, schedule)))
    unlike = [pair for pair in found if _kinds(pair[0]) != _kinds(pair[1])]
    new = list(_new(verdicts[0], verdicts[1].findings))
    for one in unlike:  # a schedule of the baseline may show a new kind
        for breach in one[1].unaccepted():
            if breach.kind not in {*_kinds_of(verdicts[0]), *(other.kind for other in new)}:
                scenario, texts = both[1].scenario, options.fault_texts
                new.append(finding(sighting(breach, one[1], scenario, texts, limit)))
    return Comparison(
        verdicts[0], verdicts[1], len(found), len(unlike),
        _divergence(*unlike[0]) if unlike else None, tuple(new),
    )  # fmt: skip


def check(
    baseline: Scenario, candidate: Scenario, options: SearchOptions = SearchOptions()
) -> Comparison:
    """The comparison, if the candidate has no new kind of finding.

    Raises the error of the candidate's first new finding, or `Inconclusive` if one of the searches
    is inconclusive.
    """
    found = compare(baseline, candidate, options)
    if found.new:
        raise_findings(found.candidate, found.new)
    for verdict in (found.baseline, found.candidate):
        if verdict.status == "inconclusive":
            verdict.check()
    return found


def _simplest_first(schedules: Iterable[Schedule]) -> list[Schedule]:
    each = {schedule.decisions: schedule for schedule in schedules}
    return sorted(each.values(), key=lambda one: (sum(map(bool, one.decisions)), one.decisions))


def _run(session: Session, schedule: Schedule) -> Execution:
    return Execution(session.run(by_schedule(schedule)))


def _kinds(execution: Execution) -> list[str]:
    return [breach.kind for breach in execution.unaccepted()[:1]]


def _kinds_of(verdict: Verdict) -> set[str]:
    return {finding.kind for finding in verdict.findings}


def _new(baseline: Verdict, findings: Sequence[Finding]) -> list[Finding]:
    """The first finding of each kind that the baseline does not have."""
    first = {finding.kind: finding for finding in reversed(findings)}
    return [
        one for one in findings if first[one.kind] is one and one.kind not in _kinds_of(baseline)
    ]


def _divergence(baseline: Execution, candidate: Execution) -> Divergence:
    one, other = visible(baseline.trace), visible(candidate.trace)
    pairs = zip(one, other, strict=False)
    place = next(
        (place for place, (first, second) in enumerate(pairs) if _does(first) != _does(second)),
        min(len(one), len(other)),
    )
    outcomes = _first_line(baseline), _first_line(candidate)
    return Divergence(candidate.schedule, place, tuple(one), tuple(other), outcomes)


def _first_line(execution: Execution) -> str:
    found = execution.unaccepted()
    return found[0].first_line if found else ""


def _does(step: Step) -> tuple[str, str, str]:
    return step.actor, step.operation, step.outcome
