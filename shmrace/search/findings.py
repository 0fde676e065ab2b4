"""What a search has found: each cause once, as the simplest execution shows it, and how often.

How much is found out about a finding is its `Detail`: a comparison asks for the kinds alone, and
counting what there is needs no simpler execution than the first that showed it.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from shmrace.engine.session import Session
from shmrace.explain.explain import explained
from shmrace.explain.finding import completed
from shmrace.explain.frequency import Tally
from shmrace.judgement.evidence import Evidence
from shmrace.judgement.execution import Execution
from shmrace.model.verdict import Finding
from shmrace.scenario.base import Scenario
from shmrace.search.simplest import simplest

Detail = Literal["explained", "shrunk", "seen"]
"""Each cause, shrunk and explained; one finding of each kind, shrunk; one of each kind, as it was
first seen, and nothing is repeated in fresh processes: all of it assumes `warm`."""


class Findings:
    """Those of one search in which `faults` may strike, `max_faults` times at most.  Where it is
    not to `keep_going`, others than the first are not entered, only counted."""

    def __init__(
        self, scenario: Scenario, faults: Sequence[str], max_faults: int, keep_going: bool,
        detail: Detail, evidence: Evidence, notes: list[str], tell: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._scenario = scenario
        self._faults = faults
        self._max_faults = max_faults
        self._keep_going = keep_going
        self._detail = detail
        self._evidence = evidence
        self._notes = notes
        self._tell = tell
        self._found: dict[str, Finding] = {}  # by cause, as the shrunk replay tells it
        self._causes: set[str] = set()  # as they were first seen
        self._tally = Tally()

    def __len__(self) -> int:
        return len(self._found)

    @property
    def enough(self) -> bool:
        """Is the finding there that the search was for?"""
        return bool(self._found) and not self._keep_going

    def counted(self, complete: bool, images: bool) -> tuple[Finding, ...]:
        """All of them, with how often each was seen; `images` of executions were left out."""
        return tuple(self._tally.counted(one, complete, images) for one in self._found.values())

    def enter(self, finding: Finding) -> None:
        """Enter what no execution alone shows."""
        self._found[finding.cause] = finding

    def judge(self, session: Session, execution: Execution, trace_class: str = "") -> None:
        """Judge an execution, and enter what is new.  Raises `Nondeterministic`."""
        counted = []
        for finding in execution.judge():
            if execution.accepts(finding):
                self._evidence.accepted[finding.kind] += 1
            else:
                counted.append(finding)
        if trace_class:
            self._tally.saw(trace_class, execution.record, counted)
        if counted and not self.enough:
            self._keep(session, counted[0], execution)

    def _keep(self, session: Session, finding: Finding, execution: Execution) -> None:
        """Enter a new finding, as the simplest execution that shows it tells it."""
        cause = finding.cause if self._detail == "explained" else finding.kind
        if cause in self._causes:
            return
        self._causes.add(cause)
        again, replayed = finding, execution
        if self._detail != "seen":
            try:
                again, replayed = simplest(
                    session, finding, execution, lambda: self._tell("shrinking")
                )
            except KeyboardInterrupt:
                self._notes.append("interrupted before the finding was shrunk and confirmed")
                self._found[finding.cause] = self._completed(finding, execution)
                raise
        if again.cause in self._found:
            return
        record = replayed.record
        found = self._completed(again, replayed)
        self._tally.keep(found, record)
        self._found[again.cause] = found  # also if it is interrupted now
        if self._detail == "explained":
            self._tell("explaining")
            self._found[again.cause] = explained(session, found, record)

    def _completed(self, finding: Finding, execution: Execution) -> Finding:
        return completed(finding, execution, self._scenario, self._faults, self._max_faults)
