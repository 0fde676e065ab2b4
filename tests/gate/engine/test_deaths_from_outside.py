"""A process of shmrace's own that is ended from outside leaves no verdict, and no traceback."""

import os
import signal
import time
from collections.abc import Callable

import pytest

import shmrace
from shmrace.engine.choosers import by_schedule
from shmrace.engine.session import Session
from shmrace.errors import GateLost
from shmrace.linux import procfs
from shmrace.model.schedule import Schedule
from tests.support.hostile import Hostile


def server(execution: shmrace.Execution) -> int:
    return procfs.identity(execution.actors[0].process.pid).parent


def launcher(execution: shmrace.Execution) -> int:
    return procfs.identity(server(execution)).parent


@pytest.mark.parametrize("victim", [server, launcher])
@pytest.mark.parametrize("steps", [0, 3])
def test_a_death_while_an_execution_is_under_way(
    victim: Callable[[shmrace.Execution], int], steps: int
) -> None:
    """A stack is taken before each step: it is not waited for when nobody is left to write it."""
    who = "the fork server" if victim is server else "the launcher of the fork server"
    began = time.monotonic()
    with pytest.raises(GateLost, match=f"no verdict: {who}, .* was ended from outside"):
        _step_and_kill(victim, steps)
    assert time.monotonic() - began < 30


def _step_and_kill(victim: Callable[[shmrace.Execution], int], steps: int) -> None:
    with shmrace.begin(Hostile(what="ring")) as execution:
        for _ in range(steps):
            execution.step("rank0")
        os.kill(victim(execution), signal.SIGKILL)
        execution.step("rank0")


def test_a_process_that_was_kept_and_is_killed_is_replaced() -> None:
    """The rank stands where it waits for its next execution, which begins in a new process."""
    with Session(Hostile(what="ring")) as session:
        for _ in range(3):
            run = session.run(by_schedule(Schedule()))
            assert run.results == {"rank0": None, "rank1": "fine"}
            os.kill(run.actors[1].process.pid, signal.SIGKILL)
            while procfs.thread_lives(run.actors[1].process.pid, run.actors[1].process.pid):
                time.sleep(0.001)
