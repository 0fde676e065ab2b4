"""The public functions: `explore` searches, `run` runs one schedule, `begin` is stepped by hand."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from shmrace.api.process_reuse import Play, kept
from shmrace.api.untraced import untraced
from shmrace.engine.choosers import run_rest
from shmrace.engine.faults import rules
from shmrace.engine.faults.rules import Fault
from shmrace.engine.session import Session
from shmrace.errors import UsageError
from shmrace.explain.conclusion import conclude
from shmrace.judgement.execution import Execution
from shmrace.judgement.verdict import subject_of
from shmrace.model import token
from shmrace.model.schedule import Order, Schedule
from shmrace.model.token import Token
from shmrace.model.verdict import Verdict
from shmrace.scenario.base import Scenario, instance_of
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search


def explore(
    scenario: type[Scenario] | Scenario, *, explorer: str = "dpor", budget: str = "60s",
    faults: Sequence[str] = (), max_faults: int = 1, seed: int = 0, jobs: int = 1,
) -> Verdict:  # fmt: skip
    """Search the schedules of a scenario for a finding, and return the verdict.

    `explorer` is a name in `shmrace.explorers.EXPLORERS`.  `budget` is a time, such as "60s", or a
    number of executions, such as "500 executions".  `faults` are texts such as "kill@rank*", of
    which at most `max_faults` strike in one execution.  `seed` is for the explorers that draw at
    random.  `jobs` must be 1.

    Raises `UsageError` for an invalid scenario or option, and for an option that the chosen
    explorer would ignore.  Raises `GateError` if this machine refuses the gate.
    """
    instance = instance_of(scenario)
    options = SearchOptions.parse(
        explorer=explorer, budget=budget, faults=faults, max_faults=max_faults, seed=seed, jobs=jobs
    )
    return Search(instance, options).run()


def run(
    scenario: type[Scenario] | Scenario, schedule: Sequence[int] | Schedule | Order | str = ()
) -> Execution:
    """Run one execution of a scenario, and return it judged.

    `schedule` is a list of integers, a `Schedule`, an `order`, or a token.  Raises `UsageError` if
    it is none of these, and `GateError` if this machine refuses the gate.
    """
    plan = _plan(scenario, schedule)
    with untraced():
        execution, remark = executed(plan)
        conclude(
            execution, subject_of(execution.scenario), plan.fault_texts, plan.max_faults,
            [remark] if remark else [],
        )  # fmt: skip
    return execution


@dataclass(frozen=True)
class Plan:
    """Everything that determines one execution."""

    scenario: Scenario
    schedule: Schedule
    order: Order | None = None
    faults: tuple[Fault, ...] = ()
    max_faults: int = 1

    @property
    def fault_texts(self) -> tuple[str, ...]:
        """The faults as text, such as "kill:map@rank0"."""
        return tuple(map(str, self.faults))


def plan_of_token(scenario: type[Scenario] | Scenario, given: Token) -> Plan:
    """The plan in a token.  Raises `UsageError` if the token belongs to another scenario."""
    faults = tuple(map(rules.parse, given.faults))
    instance = with_parameters(scenario, given)
    return Plan(instance, given.schedule, None, faults, given.max_faults)


def executed(plan: Plan) -> tuple[Execution, str]:
    """(execution of a plan, not yet judged; a note if it did not run as the plan says)."""

    def play(session: Session, stacks: bool) -> Execution:
        with session.execution(stacks) as found:
            run_rest(found, plan.order, plan.schedule)
        return Execution(found, _as_run(plan.scenario, session))

    with kept(plan.scenario, plan.faults, plan.max_faults) as keeper:
        execution = keeper.run(play) if keeper is not None else None
    if execution is not None:
        return execution, ""
    execution = _in_a_new_session(plan, plan.scenario, play)
    real_ends = execution.engine.observations.real_ends
    if not real_ends or plan.scenario.start != "warm":
        return execution, ""
    again = plan.scenario.replaced(start="fork")
    execution = _in_a_new_session(plan, again, play)
    return execution, f"run with start='fork': {real_ends}"


def _plan(
    scenario: type[Scenario] | Scenario, schedule: Sequence[int] | Schedule | Order | str
) -> Plan:
    if isinstance(schedule, str):
        return plan_of_token(scenario, token.parse(schedule))
    if isinstance(schedule, Order):
        return Plan(instance_of(scenario), Schedule(), schedule)
    if isinstance(schedule, Schedule):
        faults = tuple(map(rules.parse, schedule.faults))
        return Plan(instance_of(scenario), schedule, None, faults, schedule.max_faults)
    try:
        return Plan(instance_of(scenario), Schedule(schedule))
    except (TypeError, ValueError):
        raise UsageError(
            f"{schedule!r} is not a schedule: give integers of at least 0, a Schedule, an order, or"
            " a token"
        ) from None


def _in_a_new_session(plan: Plan, scenario: Scenario, play: Play) -> Execution:
    with Session(scenario, plan.faults, plan.max_faults) as session:
        return play(session, True)


def _as_run(scenario: Scenario, session: Session) -> Scenario:
    """The user's instance, with the session's `start`.

    A kept session holds the instance of an earlier example.  The `check` and `accept` to call are
    those of the present one.
    """
    same = session.scenario.start == scenario.start
    return scenario if same else scenario.replaced(start=session.scenario.start)


class Begun(contextlib.AbstractContextManager[Execution]):
    """What `begin` returns.  The ``with`` statement turns it into an `Execution`."""

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
    """Begin one execution that is stepped by hand, as in ``with begin(...) as execution``.

    The end of the block runs the rest of the execution, and judges it.  Raises `UsageError` if
    `scenario` is not a scenario.
    """
    return Begun(instance_of(scenario))


@contextlib.contextmanager
def _by_hand(instance: Scenario) -> Iterator[Execution]:
    if instance.trackers == "own":  # trackers act only when the processes that started them end
        instance = instance.replaced(start="fork")
    with contextlib.ExitStack() as stack:
        keeper = stack.enter_context(kept(instance, (), 1))
        session = keeper.session if keeper else stack.enter_context(Session(instance))
        with session.execution(stacks=True) as found:
            execution = Execution(found, _as_run(instance, session))
            yield execution
            execution.run_rest()
        conclude(execution, subject_of(execution.scenario))


def with_parameters(scenario: type[Scenario] | Scenario, given: Token) -> Scenario:
    """The scenario with the parameters that the token holds.

    Raises `UsageError` if the token belongs to another scenario, or if the given instance was made
    with other parameters.
    """
    instance = instance_of(scenario)
    name = type(instance).__name__
    if given.scenario != name:
        raise UsageError(f"this token belongs to {given.scenario}, not to {name}")
    held = {**instance.defaults(), **dict(given.parameters)}
    for key, value in instance.changed().items() if isinstance(scenario, Scenario) else ():
        if key in held and key != "start" and repr(held[key]) != repr(value):
            raise UsageError(f"this token has {key}={held[key]!r} for {name}, not {value!r}")
    return instance.replaced(**dict(given.parameters))
