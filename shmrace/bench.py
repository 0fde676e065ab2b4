"""What shmrace costs on this machine: a gate in microseconds, executions a second.

A gate is measured with an actor that unlinks a missing name over and over, each time a full step:
decoded, decided, let through, measured, entered.  Timings are compared within one run only.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from shmrace import catalogue
from shmrace.engine.session import Session
from shmrace.execution import pick
from shmrace.scenario import Scenario, World
from shmrace.schedule import Schedule


class _Gates(Scenario):
    """Passes so many gates."""

    ranks = 1
    gates = 5000

    def rank(self, world: World) -> None:
        for _ in range(self.gates):
            with suppress(FileNotFoundError):
                os.unlink("/dev/shm/missing")


class _Calls(_Gates):
    """Makes as many calls that are let through on arrival: the path lies elsewhere."""

    def rank(self, world: World) -> None:
        for _ in range(self.gates):
            with suppress(FileNotFoundError):
                os.unlink("/tmp/shmrace-missing/missing")


@dataclass(frozen=True)
class Figure:
    """One measured figure."""

    what: str
    value: float
    unit: str


def figures(seconds: float = 5.0) -> Iterator[Figure]:
    """The figures, one after the other; executions are counted for so many seconds each."""
    yield Figure("a gate: one step, from standing to standing", _each(_Gates()), "us")
    yield Figure("a call that is let through on arrival", _each(_Calls()), "us")
    name = "sglang-deferred-barrier"
    for start in ("warm", "fork"):
        for ranks in (2, 3, 4):
            rate = _rate(catalogue.load(name)(ranks=ranks, start=start), seconds)
            yield Figure(f"{name} --ranks {ranks}, {start}", rate, "executions/s")


def _each(scenario: _Gates) -> float:
    """Microseconds for each of the calls of the rank."""
    with Session(scenario) as session:
        execution = session.begin()
        started = time.perf_counter()
        while not execution.finished and len(execution.recorded.steps) < scenario.gates:
            execution.take(0)
        elapsed = time.perf_counter() - started
        execution.close()
    return elapsed / scenario.gates * 1e6


def _rate(scenario: Scenario, seconds: float) -> float:
    """Executions a second, of the empty schedule."""
    with Session(scenario) as session:
        session.run(lambda one: pick(one, Schedule()))
        started = time.perf_counter()
        count = 0
        while time.perf_counter() - started < seconds:
            session.run(lambda one: pick(one, Schedule()))
            count += 1
        return count / (time.perf_counter() - started)
