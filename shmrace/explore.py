"""Searching: explorer, engine and invariants together, until a finding or the end of the budget.

`explore` searches, `run` runs one schedule, `begin` hands one execution over to be stepped.  A
search ends at its first finding, which is shrunk and then replayed with stacks, or goes on and
groups findings by cause.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from shmrace import judgement, token
from shmrace.engine import faults as fault_rules
from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.session import Session
from shmrace.errors import UsageError
from shmrace.execution import Execution, pick
from shmrace.explorers import EXPLORERS, Explorer, Point
from shmrace.explorers.interface import Nondeterministic
from shmrace.invariants.ends import consequences
from shmrace.judgement import Evidence
from shmrace.scenario import Scenario, instance_of
from shmrace.schedule import Order, Schedule
from shmrace.shrink import shrink
from shmrace.token import Token
from shmrace.trace import canonical, fingerprint
from shmrace.verdict import Finding, Verdict


@dataclass(frozen=True)
class Budget:
    """What a search may use; None: without limit."""

    seconds: float | None = None
    executions: int | None = None


@dataclass(frozen=True)
class Progress:
    """How far a search has come."""

    executions: int
    trace_classes: int
    findings: int
    elapsed: float  # seconds
    doing: str = "exploring"


Watcher = Callable[[Progress], None]


def parse_budget(text: str) -> Budget:
    """ "60s", "5m", "1h", "500 executions", or both as in "60s, 500 executions".

    Raises `UsageError`.
    """
    seconds = executions = None
    for part in str(text).split(","):
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|executions?|x)\s*", part)
        if found is None or float(found[1]) <= 0:
            raise UsageError(
                f"budget {text!r} is neither a time such as '60s', '5m' or '1h', nor a number such"
                " as '500 executions'"
            )
        number, unit = float(found[1]), found[2]
        if unit in ("s", "m", "h"):
            seconds = number * {"s": 1, "m": 60, "h": 3600}[unit]
        else:
            executions = int(number)
    return Budget(seconds, executions)


def explore(
    scenario: type[Scenario] | Scenario, *, explorer: str = "dpor", budget: str = "60s",
    faults: Sequence[str] = (), max_faults: int = 1, seed: int = 0, jobs: int = 1,
) -> Verdict:  # fmt: skip
    """Search the schedules of a scenario for a finding.

    `explorer` is a name in `shmrace.explorers.EXPLORERS`; `budget` a time or a number of
    executions; `faults` such as "kill@rank*", of which at most `max_faults` strike in one
    execution.  Raises `UsageError` for what cannot be searched, and for an option that the chosen
    explorer would ignore.
    """
    if jobs != 1:
        raise UsageError(f"jobs={jobs!r}: one search uses one core; run several with seeds instead")
    return Search(
        instance_of(scenario), explorer=explorer, budget=parse_budget(budget), faults=faults,
        max_faults=max_faults, seed=seed,
    ).run()  # fmt: skip


def run(
    scenario: type[Scenario] | Scenario, schedule: Sequence[int] | Schedule | Order | str = ()
) -> Execution:
    """One execution under a schedule: integers, a `Schedule`, an `order`, or a token."""
    instance = instance_of(scenario)
    rules: list[fault_rules.Fault] = []
    limit = 1
    order: Order | None = None
    if isinstance(schedule, str):
        given = token.parse(schedule)
        instance = with_parameters(instance, given)
        rules = [fault_rules.parse(text) for text in given.faults]
        limit, decisions = given.max_faults, given.schedule
    elif isinstance(schedule, Order):
        order, decisions = schedule, Schedule()
    else:
        decisions = schedule if isinstance(schedule, Schedule) else Schedule(schedule)
    with Session(instance, rules, limit, Execution) as session:
        execution = _public(session.begin(stacks=True))
        try:
            execution.run_rest(order, decisions)
        finally:
            execution.close()
        _conclude(execution, instance, [rule_text(rule) for rule in rules], limit)
    return execution


@contextlib.contextmanager
def begin(scenario: type[Scenario] | Scenario) -> Iterator[Execution]:
    """One execution to be stepped by hand; leaving the block runs the rest."""
    instance = instance_of(scenario)
    with Session(instance, kind=Execution) as session:
        execution = _public(session.begin(stacks=True))
        try:
            yield execution
            execution.run_rest()
        finally:
            execution.close()
        _conclude(execution, instance, [], 1)


def named(execution: Execution, target: str) -> Verdict:
    """The verdict of a finished execution, under the name by which the user asked for it."""
    assert execution.verdict is not None
    return replace(execution.verdict, target=target)


def differing(verdict: Verdict) -> Verdict:
    """The verdict on a token whose steps the code no longer takes: a pass says nothing then."""
    if verdict.status != "pass":
        return verdict
    reason = "the token no longer fits this code: it takes other steps now, without a finding"
    return replace(verdict, status="inconclusive", complete=False, reason=reason)


def rule_text(rule: fault_rules.Fault) -> str:
    """A fault as it is spelled."""
    operation = "" if rule.operation == "*" else f":{rule.operation}"
    return f"{rule.kind}{operation}" + ("" if rule.actor == "*" else f"@{rule.actor}")


def with_parameters(scenario: Scenario, given: Token) -> Scenario:
    """The scenario of a token: the parameters that it holds, over those of the class."""
    if given.scenario != type(scenario).__name__:
        raise UsageError(f"this token is of {given.scenario}, not of {type(scenario).__name__}")
    return type(scenario)(**dict(given.parameters))


class Search:
    """One search; `target` is how the user named the scenario."""

    def __init__(
        self, scenario: Scenario, explorer: str = "dpor", budget: Budget | None = None,
        faults: Sequence[str] = (), max_faults: int = 1, seed: int = 0, keep_going: bool = False,
        target: str | None = None, watcher: Watcher | None = None,
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self.target = target or type(scenario).__name__
        self._explorer = make_explorer(explorer, seed)
        self._budget = budget or Budget(60.0)
        self._fault_texts = tuple([faults] if isinstance(faults, str) else faults)
        self._faults = [fault_rules.parse(text) for text in self._fault_texts]
        if max_faults < 1:
            raise UsageError(f"max_faults must be at least 1, not {max_faults}")
        self._max_faults = max_faults
        self._seed = seed
        self._keep_going = keep_going
        self._watch = watcher or (lambda progress: None)
        self._evidence = Evidence()
        self._found: dict[str, Finding] = {}  # by cause, as the shrunk replay tells it
        self._causes: set[str] = set()  # as they were first seen
        self._started = 0.0
        self._session: Session | None = None

    def run(self) -> Verdict:
        """The verdict; an interrupt ends the search with what was found so far."""
        self._started = time.monotonic()
        with Session(self.scenario, self._faults, self._max_faults, Execution) as session:
            self._session = session
            complete = self._search(session)
        return judgement.verdict(
            self._evidence, tuple(self._found.values()), complete,
            time.monotonic() - self._started, target=self.target,
            parameters=self.scenario.parameters(), ranks=self.scenario.ranks,
            explorer=self._explorer.name, start=self.scenario.start, seed=self._seed,
            shown=repr(self.scenario),
        )  # fmt: skip

    def _search(self, session: Session) -> bool:
        last: Execution | None = None
        try:
            while self._within_budget() and self._explorer.begin():
                execution = self._one(session)
                if last is None and not self._found:
                    self._repeat(session, execution)
                last = execution
                if self._found and not self._keep_going:
                    return False
        except Nondeterministic as error:
            self._nondeterministic(error.turn, error.expected, error.seen)
            return False
        if last is not None and self._evidence.executions > 1:
            self._repeat(session, last)
        return self._explorer.complete and "bounded-retries" not in self._evidence.assumed

    def _one(self, session: Session) -> Execution:
        def choose(execution: EngineExecution) -> int | None:
            return self._explorer.choose(Point(execution.choices(), execution.turns))

        execution = _public(session.run(choose))
        self._explorer.finish(execution.turns, execution.pending())
        if execution.given_up:
            return execution
        self._note(execution)
        for finding in execution.judge():
            if self.scenario.accept(finding, execution):
                self._evidence.accepted[finding.kind] += 1
            else:
                self._keep(session, finding, execution)
                break
        self._tell("exploring")
        return execution

    def _note(self, execution: Execution) -> None:
        evidence = self._evidence
        evidence.add(execution.record, canonical(execution.turns))
        evidence.assumed |= execution.recorded.assumed
        evidence.ungated += execution.recorded.ungated
        evidence.refused |= set(execution.recorded.attempts)

    def _keep(self, session: Session, finding: Finding, execution: Execution) -> None:
        """Shrink a new finding, and replay it with stacks."""
        if finding.cause in self._causes:
            return
        self._causes.add(finding.cause)
        self._tell("shrinking")
        schedule = shrink(execution.schedule, lambda one: self._shows(session, one, finding))
        replayed = _public(session.run(_by(schedule), stacks=True))
        again = self._first_like(replayed, finding)
        if again is None:
            self._nondeterministic(0, finding.first_line, "nothing, when it was run again")
            return
        if again.cause not in self._found:
            self._found[again.cause] = completed(
                again, replayed, self.scenario, self._fault_texts, self._max_faults
            )

    def _shows(self, session: Session, schedule: Schedule, finding: Finding) -> bool:
        execution = _public(session.run(_by(schedule)))
        self._tell("shrinking")
        return self._first_like(execution, finding) is not None

    def _first_like(self, execution: Execution, finding: Finding) -> Finding | None:
        for one in execution.judge():
            if not self.scenario.accept(one, execution):
                return one if one.kind == finding.kind else None
        return None

    def _repeat(self, session: Session, execution: Execution) -> None:
        """The same decisions must give the same trace."""
        if execution.given_up:
            return
        again = session.run(_by(execution.schedule))
        for one, other in zip(execution.trace, again.trace, strict=False):
            if one.signature != other.signature:
                self._nondeterministic(one.index, str(one.signature), str(other.signature))
                return
        if len(execution.trace) != len(again.trace):
            shorter = min(len(execution.trace), len(again.trace))
            self._nondeterministic(
                shorter, f"{len(execution.trace)} steps", f"{len(again.trace)} steps"
            )

    def _nondeterministic(self, step: int, expected: str, seen: str) -> None:
        text = f"the same decisions gave another step {step + 1}: {seen}, not {expected}"
        self._found["nondeterminism"] = Finding("nondeterminism", text, cause="nondeterminism")

    def _within_budget(self) -> bool:
        if self._evidence.executions == 0:
            return True
        limit = self._budget
        if limit.executions is not None and self._evidence.executions >= limit.executions:
            return False
        return limit.seconds is None or time.monotonic() - self._started < limit.seconds

    def _tell(self, doing: str) -> None:
        evidence = self._evidence
        self._watch(
            Progress(
                evidence.executions, len(evidence.classes), len(self._found),
                time.monotonic() - self._started, doing,
            )
        )  # fmt: skip


def make_explorer(name: str, seed: int) -> Explorer:
    """Raises `UsageError` for an unknown explorer, and for a seed that it would ignore."""
    if name not in EXPLORERS:
        raise UsageError(f"unknown explorer {name!r}: there are {', '.join(EXPLORERS)}")
    kind = EXPLORERS[name]
    if seed != 0 and not kind.uses_seed:
        raise UsageError(f"the explorer {name} has no use for a seed: leave it out")
    return kind(seed)


def completed(
    finding: Finding, execution: Execution, scenario: Scenario, faults: Sequence[str], limit: int
) -> Finding:
    """The finding with everything a report needs: trace, token, consequences, outputs."""
    record = execution.record
    others = [one.message for one in execution.judge()[1:] if one.cause != finding.cause]
    made = Token(
        type(scenario).__name__, tuple(sorted(scenario.changed().items())), tuple(faults), limit,
        execution.schedule, fingerprint(execution.trace),
    )  # fmt: skip
    lives = [
        f"{segment.label}    {record.ledger.life(segment)}"
        for segment in record.ledger.segments
        if finding.segment in (None, segment.label)
    ]
    outputs = [(name, execution.output(name)) for name in record.parts]
    return replace(
        finding, schedule=execution.schedule, preemptions=execution.preemptions,
        faults=record.faults, token=str(made), trace=execution.trace, lives=tuple(lives),
        consequences=tuple(others + consequences(record)),
        outputs=tuple((name, text) for name, text in outputs if text),
    )  # fmt: skip


def _conclude(execution: Execution, scenario: Scenario, faults: Sequence[str], limit: int) -> None:
    """Judge a single execution, and give it a verdict of its own."""
    evidence = Evidence()
    evidence.add(execution.record, canonical(execution.turns))
    evidence.assumed |= execution.recorded.assumed
    evidence.ungated += execution.recorded.ungated
    evidence.refused |= set(execution.recorded.attempts)
    found: list[Finding] = []
    for finding in execution.judge():
        if scenario.accept(finding, execution):
            evidence.accepted[finding.kind] += 1
        elif not found:
            found.append(completed(finding, execution, scenario, faults, limit))
    execution.findings = tuple(found)
    execution.verdict = judgement.verdict(
        evidence, tuple(found), False, 0.0, target=type(scenario).__name__,
        parameters=scenario.parameters(), ranks=scenario.ranks, explorer="replay",
        start=scenario.start, shown=repr(scenario),
    )  # fmt: skip


def _by(schedule: Schedule) -> Callable[[EngineExecution], int]:
    return lambda execution: pick(execution, schedule)


def _public(execution: EngineExecution) -> Execution:
    assert isinstance(execution, Execution)
    return execution
