"""The face of the tool: `explore` searches, `run` runs one schedule, `begin` hands one over."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from shmrace import token
from shmrace.budget import parse_budget
from shmrace.conclusion import conclude
from shmrace.engine import faults as fault_rules
from shmrace.engine.session import Session
from shmrace.errors import UsageError
from shmrace.execution import Execution
from shmrace.scenario import Scenario, instance_of
from shmrace.schedule import Order, Schedule
from shmrace.search import Search, public
from shmrace.token import Token
from shmrace.verdict import Verdict


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
        execution = public(session.begin(stacks=True))
        try:
            execution.run_rest(order, decisions)
        finally:
            execution.close()
        conclude(execution, instance, [rule_text(rule) for rule in rules], limit)
    return execution


@contextlib.contextmanager
def begin(scenario: type[Scenario] | Scenario) -> Iterator[Execution]:
    """One execution to be stepped by hand; leaving the block runs the rest."""
    instance = instance_of(scenario)
    with Session(instance, kind=Execution) as session:
        execution = public(session.begin(stacks=True))
        try:
            yield execution
            execution.run_rest()
        finally:
            execution.close()
        conclude(execution, instance, [], 1)


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
