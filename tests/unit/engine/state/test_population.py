"""Which actor counts as running while the processes of an execution are born, execute and die."""

import contextlib
import signal
import subprocess
from collections.abc import Iterator

import pytest

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.population import Population
from shmrace.engine.state.process import Process
from shmrace.linux import procfs
from shmrace.linux.calls.line import Shape
from shmrace.linux.listener import Notification


@contextlib.contextmanager
def a_vfork() -> Iterator[tuple[Population, Actor, Process]]:
    """A parent that is suspended by its vfork, and the child that is about to execute."""
    started = [subprocess.Popen(["sleep", "60"]) for _ in range(2)]
    population = Population()
    above, below = (procfs.identity(one.pid) for one in started)
    parent = Actor("parent", above.process, population.adopt(above, None), (0,))
    child = population.adopt(below, parent.process)
    population.enter(parent)
    population.suspend(parent, child)
    try:
        yield population, parent, child
    finally:
        for process in population.processes():
            process.close()
        for one in started:
            one.send_signal(signal.SIGKILL)
            one.wait()


@pytest.mark.parametrize("stands", [False, True], ids=["on its way", "at its next gate"])
def test_the_parent_of_a_vfork_runs_again_only_if_it_stands_at_no_gate(stands: bool) -> None:
    """The kernel wakes the parent as its child executes, so either may come to a gate first."""
    with a_vfork() as (population, parent, child):
        if stands:
            at = Notification(1, parent.thread, 61, 0, (0,) * 6)
            parent.gate = Gate(at, "wait4", Shape("wait", "child"), "child")
        population.dead(child)
        assert parent.running is not stands
