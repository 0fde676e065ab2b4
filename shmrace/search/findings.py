"""The findings of a search: each cause once, with its simplest execution and its frequency."""

from collections.abc import Callable
from dataclasses import dataclass

from shmrace.engine.session import Session
from shmrace.explain.finding import finding
from shmrace.explain.frequency import Counts, Tally
from shmrace.explain.sighting import Sighting, sighting
from shmrace.explain.trials import Trials, tried
from shmrace.judgement.evidence import Evidence
from shmrace.judgement.execution import Execution
from shmrace.model.breach import Breach
from shmrace.model.verdict import Finding
from shmrace.scenario.base import Scenario
from shmrace.search.options import Detail, SearchOptions
from shmrace.search.shrink import simplest


@dataclass(frozen=True)
class _Found:
    """A finding in the making: its simplest execution, and the trials that explain it."""

    seen: Sighting
    trials: Trials = Trials()
    counted: bool = True  # is its frequency known?


class Findings:
    """The findings of one search.  Without `keep_going`, only the first one is reported."""

    def __init__(
        self, scenario: Scenario, options: SearchOptions, evidence: Evidence, notes: list[str],
        tell: Callable[[str], None], left: Callable[[], float],
    ) -> None:  # fmt: skip
        """`left` tells for how many seconds more a finding may be explained."""
        self._scenario = scenario
        self._options = options
        self._evidence = evidence
        self._notes = notes
        self._tell = tell
        self._left = left
        self._found: dict[str, _Found] = {}  # by the cause in the shrunk execution
        self._alone: list[Finding] = []  # findings that no single execution shows
        self._causes: set[str] = set()  # before they were shrunk
        self._tally = Tally()

    def __len__(self) -> int:
        return len(self._found) + len(self._alone)

    @property
    def enough(self) -> bool:
        """Has the search found what it needs?  With `keep_going` it never has."""
        return bool(len(self)) and not self._options.keep_going

    def made(self, complete: bool, images: bool) -> tuple[Finding, ...]:
        """All findings, each with its frequency.

        `complete` says that every distinct schedule was run; `images`, that executions were left
        out which differ only in which interchangeable actor does what.
        """
        made = []
        for one in self._found.values():
            breach, record = one.seen.breach, one.seen.record
            counts = self._tally.counts(breach, record, complete, images)
            made.append(finding(one.seen, one.trials, counts if one.counted else Counts()))
        return (*made, *self._alone)

    def enter(self, alone: Finding) -> None:
        """Add a finding that no single execution shows."""
        self._alone.append(alone)

    def judge(self, session: Session, execution: Execution, trace_class: str = "") -> None:
        """Judge an execution, and add its finding if the finding is new.

        An execution without a `trace_class` is not counted.  Raises `Nondeterministic` if fresh
        processes do not show the finding.
        """
        accepted = [breach for breach in execution.breaches() if execution.accepts(breach)]
        unaccepted = [breach for breach in execution.breaches() if breach not in accepted]
        self._evidence.accepted.update(breach.kind for breach in accepted)
        if trace_class:
            self._tally.saw(trace_class, execution.record, unaccepted, accepted)
        if unaccepted and not self.enough:
            self._keep(session, unaccepted[0], execution)

    def _keep(self, session: Session, breach: Breach, execution: Execution) -> None:
        """Shrink a breach, explain it, and keep it, unless its cause is already known."""
        detail = self._options.detail
        cause = breach.cause if detail is Detail.EXPLAINED else breach.kind
        if cause in self._causes:
            return
        self._causes.add(cause)
        simple, shown = breach, execution
        if detail is not Detail.SEEN:
            try:
                simple, shown = simplest(
                    session, breach, execution, lambda: self._tell("shrinking")
                )
            except KeyboardInterrupt:
                self._notes.append("interrupted before the finding was shrunk and confirmed")
                self._found[breach.cause] = _Found(self._seen(breach, execution), counted=False)
                raise
        if simple.cause in self._found:
            return
        seen = self._seen(simple, shown)
        self._found[simple.cause] = _Found(seen)  # kept if the trials are interrupted
        if detail is Detail.EXPLAINED:
            self._tell("explaining")
            trials = tried(session, seen, self._left())
            if trials.hurried:
                self._notes.append("explained in part: the budget was used up")
            self._found[simple.cause] = _Found(seen, trials)

    def _seen(self, breach: Breach, execution: Execution) -> Sighting:
        options = self._options
        return sighting(breach, execution, self._scenario, options.fault_texts, options.max_faults)
