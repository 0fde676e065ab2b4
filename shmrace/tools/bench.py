"""The costs of shmrace on this machine: microseconds for a gate, executions per second.

A gate is measured with an actor that repeatedly unlinks a missing name.  Each unlink is a full
step: the call is decoded, scheduled, let through, measured, and entered in the ledger.  Compare
timings only within one run.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import shmrace
from shmrace.engine.choosers import pick
from shmrace.engine.execution import Execution
from shmrace.engine.session import Session
from shmrace.explorers import EXPLORERS
from shmrace.model.schedule import Schedule
from shmrace.scenario import loading
from shmrace.scenario.base import Scenario, World
from shmrace.tools import bench_programs


class _Gates(Scenario):
    """A rank that passes `gates` gates."""

    ranks = 1
    gates = 5000

    def rank(self, world: World) -> None:
        for _ in range(self.gates):
            with contextlib.suppress(FileNotFoundError):
                os.unlink("/dev/shm/missing")


class _Calls(_Gates):
    """A rank with as many calls outside /dev/shm, which are let through on arrival."""

    def rank(self, world: World) -> None:
        for _ in range(self.gates):
            with contextlib.suppress(FileNotFoundError):
                os.unlink("/tmp/shmrace-missing/missing")


@dataclass(frozen=True)
class Figure:
    """One measured figure."""

    what: str
    value: float
    unit: str


def figures(seconds: float = 5.0) -> Iterator[Figure]:
    """Measure and yield the figures; each rate is measured for `seconds`."""
    name = "sglang-deferred-barrier"
    scenario = loading.load(name)  # first: it fails without torch, before anything is measured
    yield Figure("a gate: one step, from standing to standing", _each(_Gates()), "us")
    yield Figure("a call that is let through on arrival", _each(_Calls()), "us")
    for start in ("warm", "fork"):
        for ranks in (2, 3, 4):
            rate = _rate(scenario(ranks=ranks, start=start), seconds)
            yield Figure(f"{name} --ranks {ranks}, {start}", rate, "executions/s")
    for program, steps in (
        ("readers(8)", bench_programs.readers(8)),
        ("lastzero(7)", bench_programs.lastzero(7)),
    ):
        for explorer, kind in EXPLORERS.items():
            rate = bench_programs.rate(kind, steps, seconds / 10)
            yield Figure(f"{explorer} alone, on {program}", rate, "executions/s")
    what = "a schedule through Hypothesis, beyond its execution"
    yield Figure(what, _beyond_the_execution(), "ms")


def _beyond_the_execution(examples: int = 300) -> float:
    """Milliseconds for each example of a Hypothesis test, without executions and forks.

    What remains is drawing, judging, and the bookkeeping of both tools.
    """
    from hypothesis import given, settings  # the import takes a third of a second

    from shmrace.hypothesis import PROFILE

    scenario = loading.load("sglang-deferred-barrier")(ranks=3)
    own = Session.execution, Session.__enter__, Session.__exit__
    inside = 0.0

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            nonlocal inside
            started = time.perf_counter()
            try:
                return method(*arguments, **keywords)
            finally:
                inside += time.perf_counter() - started

        return call

    @contextlib.contextmanager
    def execution(*arguments: Any, **keywords: Any) -> Iterator[Execution]:
        nonlocal inside
        started = time.perf_counter()
        with own[0](*arguments, **keywords) as found:
            yield found
        inside += time.perf_counter() - started

    def test(count: int) -> float:
        @settings(PROFILE, max_examples=count, database=None, derandomize=True)
        @given(schedule=shmrace.schedules())
        def run(schedule: list[int]) -> None:
            shmrace.run(scenario, schedule).check()

        nonlocal inside
        inside, started = 0.0, time.perf_counter()
        run()
        return time.perf_counter() - started - inside

    Session.execution = execution  # type: ignore[method-assign]
    Session.__enter__ = timed(own[1])  # type: ignore[method-assign]
    Session.__exit__ = timed(own[2])  # type: ignore[method-assign]
    try:
        with shmrace.keep_processes():
            test(1)  # forks the processes
            return test(examples) / examples * 1e3
    finally:
        Session.execution, Session.__enter__, Session.__exit__ = own  # type: ignore[method-assign]


def _each(scenario: _Gates) -> float:
    """Microseconds for each call of the rank."""
    with Session(scenario) as session, session.execution() as execution:
        started = time.perf_counter()
        while not execution.finished and len(execution.observations.steps) < scenario.gates:
            execution.take(0)
        elapsed = time.perf_counter() - started
    return elapsed / scenario.gates * 1e6


def _rate(scenario: Scenario, seconds: float) -> float:
    """Executions per second, of the empty schedule."""
    with Session(scenario) as session:
        session.run(lambda one: pick(one, Schedule()))
        started = time.perf_counter()
        count = 0
        while time.perf_counter() - started < seconds:
            session.run(lambda one: pick(one, Schedule()))
            count += 1
        return count / (time.perf_counter() - started)
