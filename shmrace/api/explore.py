"""The face of the tool: `explore` searches, `run` runs one schedule, `begin` hands one over."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from shmrace.api.process_reuse import Play, kept
from shmrace.engine.faults import rules as fault_rules
from shmrace.engine.session import Session
from shmrace.errors import UsageError
from shmrace.explain.explain import explained
from shmrace.explain.finding import conclude
from shmrace.judgement.execution import Execution, by_schedule, public
from shmrace.model import token
from shmrace.model.schedule import Order, Schedule
from shmrace.model.token import Token
from shmrace.model.trace import fingerprint, visible
from shmrace.model.verdict import Verdict
from shmrace.scenario.base import Scenario, instance_of
from shmrace.search.budget import parse_budget
from shmrace.search.search import Search


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
    """One execution under a schedule: integers, a `Schedule`, an `order`, or a token.

    Raises `UsageError` for what is none of these.
    """
    plan = _plan(scenario, schedule)

    def play(session: Session, stacks: bool) -> Execution:
        with session.execution(stacks) as found:
            public(found).run_rest(plan.order, plan.schedule)
        return _asked_for(public(found), plan.scenario, session)

    with kept(plan.scenario, plan.faults, plan.most_faults) as keeper:
        execution = keeper.run(play) if keeper is not None else None
    remark = ""
    if execution is None:
        execution = _in_a_session_of_its_own(plan, plan.scenario, play)
        if execution.recorded.real_ends and plan.scenario.start == "warm":
            remark = f"run with start='fork': {execution.recorded.real_ends}"
            again = plan.scenario.replaced(start="fork")
            execution = _in_a_session_of_its_own(plan, again, play)
    texts = [str(fault) for fault in plan.faults]
    conclude(execution, execution.scenario, texts, plan.most_faults, remark)
    return execution


@dataclass(frozen=True)
class _Plan:
    """What one execution is to be."""

    scenario: Scenario
    schedule: Schedule
    order: Order | None = None
    faults: tuple[fault_rules.Fault, ...] = ()
    most_faults: int = 1


def _plan(
    scenario: type[Scenario] | Scenario, schedule: Sequence[int] | Schedule | Order | str
) -> _Plan:
    if isinstance(schedule, str):
        given = token.parse(schedule)
        faults = tuple(map(fault_rules.parse, given.faults))
        instance = with_parameters(scenario, given)
        return _Plan(instance, given.schedule, None, faults, given.max_faults)
    if isinstance(schedule, Order):
        return _Plan(instance_of(scenario), Schedule(), schedule)
    if isinstance(schedule, Schedule):
        rules = tuple(map(fault_rules.parse, schedule.faults))
        return _Plan(instance_of(scenario), schedule, None, rules, schedule.max_faults)
    try:
        return _Plan(instance_of(scenario), Schedule(schedule))
    except (TypeError, ValueError):
        raise UsageError(
            f"{schedule!r} is no schedule: give integers of at least 0, a Schedule, an order, or a"
            " token"
        ) from None


def _in_a_session_of_its_own(plan: _Plan, scenario: Scenario, play: Play) -> Execution:
    with Session(scenario, plan.faults, plan.most_faults, Execution) as session:
        return play(session, True)


def _asked_for(execution: Execution, scenario: Scenario, session: Session) -> Execution:
    """Let the instance that was given check and accept, not that of an earlier example."""
    same = session.scenario.start == scenario.start
    execution.scenario = scenario if same else scenario.replaced(start=session.scenario.start)
    return execution


class Begun(contextlib.AbstractContextManager[Execution]):
    """What `begin` returns: the execution is what ``with`` gives."""

    def __init__(self, scenario: Scenario) -> None:
        self._execution = _by_hand(scenario)

    def __enter__(self) -> Execution:
        return self._execution.__enter__()

    def __exit__(self, *error: Any) -> bool | None:
        return self._execution.__exit__(*error)

    def __getattr__(self, name: str) -> NoReturn:
        if hasattr(Execution, name):
            raise UsageError(f"use begin as in: with shmrace.begin(...) as execution: .{name}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def begin(scenario: type[Scenario] | Scenario) -> Begun:
    """One execution to be stepped by hand: ``with begin(...) as execution``; leaving the block runs
    the rest.  Raises `UsageError` for what is no scenario."""
    return Begun(instance_of(scenario))


@contextlib.contextmanager
def _by_hand(instance: Scenario) -> Iterator[Execution]:
    if instance.trackers == "own":  # they act when who has started them ends
        instance = instance.replaced(start="fork")
    with contextlib.ExitStack() as stack:
        keeper = stack.enter_context(kept(instance, (), 1))
        if keeper is not None:
            session = keeper.session
        else:
            session = stack.enter_context(Session(instance, kind=Execution))
        with session.execution(stacks=True) as found:
            execution = _asked_for(public(found), instance, session)
            yield execution
            execution.run_rest()
        conclude(execution, execution.scenario, [], 1)


def replay(scenario: type[Scenario] | Scenario, word: str) -> Verdict:
    """The verdict on the execution that a token stands for.

    Where the code takes other steps than when the token was made, the verdict says so, and a pass
    says nothing: it is inconclusive.  Raises `UsageError` for a token of something else.
    """
    given = token.parse(word)
    execution = run(scenario, word)
    verdict = execution.verdict
    assert verdict is not None
    if verdict.findings:
        rules = [fault_rules.parse(text) for text in given.faults]
        with Session(execution.scenario, rules, given.max_faults, Execution) as session:
            found = explained(session, verdict.findings[0], execution.record)
        verdict = replace(verdict, findings=(found,))
    if fingerprint(visible(execution.trace)[: given.length]) == given.fingerprint:
        return verdict
    if verdict.status != "pass":
        return replace(verdict, note="the code takes other steps than when this token was made")
    reason = "the token no longer fits this code: it takes other steps now, without a finding"
    return replace(verdict, status="inconclusive", complete=False, reason=reason)


def debug(scenario: type[Scenario] | Scenario, word: str, actor: str) -> None:
    """Replay a token with one actor at the terminal: it stops at its `breakpoint()`, and where it
    raises; the others stand still meanwhile.  Raises `UsageError` if there is no such actor."""
    given = token.parse(word)
    instance = with_parameters(scenario, given)
    names = [part.name for part in instance.parts()]
    if actor not in names:
        raise UsageError(f"there is no actor {actor!r} to debug; there are: {', '.join(names)}")
    rules = [fault_rules.parse(text) for text in given.faults]
    with Session(instance, rules, given.max_faults, Execution, terminal=actor) as session:
        session.run(by_schedule(given.schedule))


def with_parameters(scenario: type[Scenario] | Scenario, given: Token) -> Scenario:
    """The scenario of a token, with the parameters that it holds.

    Raises `UsageError` for a token of another scenario, and for an instance that was made with
    other parameters.
    """
    instance = instance_of(scenario)
    name = type(instance).__name__
    if given.scenario != name:
        raise UsageError(f"this token is of {given.scenario}, not of {name}")
    held = {**instance.defaults(), **dict(given.parameters)}
    for key, value in instance.changed().items() if isinstance(scenario, Scenario) else ():
        if key in held and key != "start" and repr(held[key]) != repr(value):
            raise UsageError(f"this token is of {name} with {key}={held[key]!r}, not {value!r}")
    return instance.replaced(**dict(given.parameters))
