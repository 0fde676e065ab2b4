"""The face of the tool: `explore` searches, `run` runs one schedule, `begin` hands one over."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from shmrace import token
from shmrace.budget import parse_budget
from shmrace.conclusion import LIVENESS, conclude
from shmrace.engine import faults as fault_rules
from shmrace.engine.session import Session
from shmrace.errors import UsageError
from shmrace.execution import Execution, by_schedule
from shmrace.kept import kept
from shmrace.scenario import Scenario, forked, instance_of
from shmrace.schedule import Order, Schedule
from shmrace.search import Search, public
from shmrace.token import Token
from shmrace.trace import fingerprint
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

    def play(session: Session, stacks: bool, fresh: bool) -> Execution:
        with session.execution(stacks, fresh) as execution:
            public(execution).run_rest(order, decisions)
        return public(execution)

    execution: Execution | None = None
    with kept(instance, rules, limit) as keeper:
        if keeper is not None:
            execution = keeper.run(play)
            instance = keeper.session.scenario
    note = ""
    if execution is None:
        with Session(instance, rules, limit, Execution) as session:
            execution = play(session, stacks=True, fresh=False)
        if execution.recorded.asks_for_liveness and instance.start == "warm":
            note, instance = f"run with start='fork': {LIVENESS}", forked(instance)
            with Session(instance, rules, limit, Execution) as session:
                execution = play(session, stacks=True, fresh=False)
    conclude(execution, instance, [rule_text(rule) for rule in rules], limit, note)
    return execution


@contextlib.contextmanager
def begin(scenario: type[Scenario] | Scenario) -> Iterator[Execution]:
    """One execution to be stepped by hand; leaving the block runs the rest."""
    instance = instance_of(scenario)
    with contextlib.ExitStack() as stack:
        keeper = stack.enter_context(kept(instance, (), 1))
        if keeper is not None:
            session = keeper.session
        else:
            session = stack.enter_context(Session(instance, kind=Execution))
        with session.execution(stacks=True) as execution:
            yield public(execution)
            public(execution).run_rest()
        conclude(public(execution), instance, [], 1)


def replay(scenario: type[Scenario] | Scenario, word: str) -> Verdict:
    """The verdict on the execution that a token stands for.

    Where the code takes other steps than when the token was made, the verdict says so, and a pass
    says nothing: it is inconclusive.  Raises `UsageError` for a token of something else.
    """
    given = token.parse(word)
    execution = run(scenario, word)
    verdict = execution.verdict
    assert verdict is not None
    if fingerprint(execution.trace[: given.length]) == given.fingerprint:
        return verdict
    if verdict.status != "pass":
        return replace(verdict, note="the code takes other steps than when this token was made")
    reason = "the token no longer fits this code: it takes other steps now, without a finding"
    return replace(verdict, status="inconclusive", complete=False, reason=reason)


def debug(scenario: type[Scenario] | Scenario, word: str, actor: str) -> None:
    """Replay a token with one actor at the terminal: it stops at its `breakpoint()`, and where it
    raises; the others stand still meanwhile.  Raises `UsageError` if there is no such actor."""
    given = token.parse(word)
    instance = with_parameters(instance_of(scenario), given)
    names = [part.name for part in instance.parts()]
    if actor not in names:
        raise UsageError(f"there is no actor {actor!r} to debug; there are: {', '.join(names)}")
    rules = [fault_rules.parse(text) for text in given.faults]
    with Session(instance, rules, given.max_faults, Execution, terminal=actor) as session:
        session.run(by_schedule(given.schedule))


def rule_text(rule: fault_rules.Fault) -> str:
    """A fault as it is spelled."""
    operation = "" if rule.operation == "*" else f":{rule.operation}"
    return f"{rule.kind}{operation}" + ("" if rule.actor == "*" else f"@{rule.actor}")


def with_parameters(scenario: Scenario, given: Token) -> Scenario:
    """The scenario of a token: the parameters that it holds, over those of the class."""
    if given.scenario != type(scenario).__name__:
        raise UsageError(f"this token is of {given.scenario}, not of {type(scenario).__name__}")
    return type(scenario)(**dict(given.parameters))
