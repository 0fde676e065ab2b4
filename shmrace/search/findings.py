"""The findings of a search: each cause once, with its simplest execution and its frequency."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from shmrace.engine.gate.patience import OutOfTime
from shmrace.engine.session import Session
from shmrace.errors import Hang
from shmrace.explain.finding import finding
from shmrace.explain.frequency import Counts, Tally, likeness
from shmrace.explain.sighting import Sighting, sighting
from shmrace.explain.trials import Trials, tried
from shmrace.explorers.interface import Nondeterministic
from shmrace.judgement.evidence import Evidence
from shmrace.judgement.execution import Execution
from shmrace.model.breach import Breach
from shmrace.model.verdict import Finding, Simplicity
from shmrace.scenario.base import Scenario
from shmrace.search.options import Detail, SearchOptions
from shmrace.search.shrink import cost_of, simplest

OTHER_KINDS = 5.0
"""For how many seconds findings of other kinds, met while counting, are made simpler."""


@dataclass(frozen=True)
class _Found:
    """A finding in the making: its execution, and the trials that explain it."""

    seen: Sighting
    simplicity: Simplicity = Simplicity.AS_FOUND
    trials: Trials = Trials()
    counted: bool = True  # is its frequency known?

    @property
    def cost(self) -> tuple[int, int, int]:
        """What it needs: faults, preemptions, steps."""
        return len(self.seen.record.faults), self.seen.preemptions, len(self.seen.record.trace)


class Findings:
    """The findings of one search.

    Without `keep_going`, one is reported: the first, unless one of another kind that is met while
    the first is counted needs less.  The others are mentioned with it.
    """

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
        self._also: list[_Found] = []  # other kinds
        self._met: dict[str, tuple[Breach, Execution]] = {}  # by kind; the simplest of each
        self._alone: list[Finding] = []  # findings that no single execution shows
        self._causes: set[str] = set()  # before they were shrunk
        self._tally = Tally()
        self._every_time = True  # False: there may be schedules that were not told apart

    def __len__(self) -> int:
        return len(self._found) + len(self._alone)

    @property
    def enough(self) -> bool:
        """Has the search found what it needs?  With `keep_going` it never has."""
        return bool(len(self)) and not self._options.keep_going

    def made(self, complete: bool, images: bool) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """(all findings, those of other kinds that were met while counting), with frequencies.

        `complete` says that every distinct schedule was run; `images`, that executions were left
        out which differ only in which interchangeable actor does what.
        """

        def make(one: _Found) -> Finding:
            breach, record = one.seen.breach, one.seen.record
            counts = self._tally.counts(breach, record, complete, images)
            counts = counts if one.counted else Counts()
            if counts.frequency is not None and not self._every_time:
                counts = replace(counts, frequency=replace(counts.frequency, apart=False))
            return finding(one.seen, one.trials, counts, one.simplicity)

        found = tuple(map(make, self._found.values()))
        return (*found, *self._alone), tuple(map(make, self._also))

    @property
    def every_time(self) -> bool:
        """Has each counted schedule failed like the finding?"""
        if len(self._found) != 1 or not self._every_time:
            return False
        (one,) = self._found.values()
        often = self._tally.counts(one.seen.breach, one.seen.record, True, False).frequency
        return often is not None and often.every_time

    @every_time.setter
    def every_time(self, known: bool) -> None:
        self._every_time = known

    def known_from(self, execution: Execution) -> bool:
        """Does the execution show the finding that was found first?"""
        (one,) = self._found.values()
        like = likeness(one.seen.breach, one.seen.record)
        return any(likeness(breach, execution.record) == like for breach in execution.unaccepted())

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
        elif unaccepted:
            self._meet(unaccepted[0], execution)

    def settle(self, session: Session) -> None:
        """After counting: make other kinds simpler, and report first what needs least."""
        known = {one.seen.breach.kind for one in self._found.values()}
        until = time.monotonic() + OTHER_KINDS
        for kind, (breach, execution) in sorted(self._met.items()):
            if kind in known:
                continue
            try:
                left = min(self._left(), until - time.monotonic())
                simple, shown, simplicity = simplest(
                    session, breach, execution, lambda: self._tell("shrinking"), left
                )
            except Nondeterministic:
                self._notes.append(f"a {kind} was met once, and not in fresh processes")
                continue
            self._also.append(_Found(self._seen(simple, shown), simplicity))
        if not self._also or len(self._found) != 1:
            return
        (first,) = self._found.values()
        least = min(self._also, key=lambda one: one.cost)
        if least.cost < first.cost:
            self._also[self._also.index(least)] = first
            self._found = {least.seen.breach.cause: least}
            self._explain(session, least)

    def _meet(self, breach: Breach, execution: Execution) -> None:
        """While counting: remember the simplest execution of each kind."""
        before = self._met.get(breach.kind)
        if before is None or cost_of(execution) < cost_of(before[1]):
            self._met[breach.kind] = breach, execution

    def _keep(self, session: Session, breach: Breach, execution: Execution) -> None:
        """Shrink a breach, explain it, and keep it, unless its cause is already known."""
        explained = self._options.detail is Detail.EXPLAINED
        cause = breach.cause if explained else breach.kind
        if cause in self._causes:
            return
        self._causes.add(cause)
        if breach.race is Hang:
            session.hangs = breach.actor
        self._enter(session, breach, execution)
        if self._options.keep_going:
            session.hangs = ""

    def _enter(self, session: Session, breach: Breach, execution: Execution) -> None:
        detail = self._options.detail
        if detail is Detail.SEEN:
            self._found.setdefault(breach.cause, _Found(self._seen(breach, execution)))
            return
        try:
            simple, shown, simplicity = simplest(
                session, breach, execution, lambda: self._tell("shrinking"), self._left()
            )
        except (KeyboardInterrupt, OutOfTime) as end:
            why = "the budget was used up" if isinstance(end, OutOfTime) else "interrupted"
            self._notes.append(f"{why} before the finding was shrunk and confirmed")
            self._found[breach.cause] = _Found(self._seen(breach, execution), counted=False)
            raise
        if simple.cause in self._found:
            return
        found = _Found(self._seen(simple, shown), simplicity)
        self._found[simple.cause] = found  # kept if the trials are interrupted
        if detail is Detail.EXPLAINED:
            self._explain(session, found)

    def _explain(self, session: Session, found: _Found) -> None:
        self._tell("explaining")
        trials = tried(session, found.seen, self._left())
        if trials.hurried:
            self._notes.append("explained in part: the budget was used up")
        self._found[found.seen.breach.cause] = replace(found, trials=trials)

    def _seen(self, breach: Breach, execution: Execution) -> Sighting:
        options = self._options
        return sighting(breach, execution, self._scenario, options.fault_texts, options.max_faults)
