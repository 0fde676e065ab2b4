"""What one actor ends another before, and what comes before that end, are both tried."""

import os
import signal
import threading

import pytest

import shmrace
from shmrace import World
from shmrace.explorers import Walk
from tests.support.enumerating import enumerated, reduced, sampled

X = "/dev/shm/x"


def make() -> None:
    os.close(os.open(X, os.O_CREAT | os.O_RDWR))


def made() -> bool:
    try:
        os.unlink(X)
    except FileNotFoundError:
        return False
    return True


class Killed(shmrace.Scenario):
    """A parent kills the child that makes a name."""

    @shmrace.actor()
    def parent(self, world: World) -> bool:
        child = os.fork()
        if child == 0:
            make()
            os._exit(0)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return made()


class AsksFirst(shmrace.Scenario):
    """A parent terminates a child that has not ended yet, as `subprocess.Popen.terminate` does."""

    @shmrace.actor()
    def parent(self, world: World) -> str:
        make()
        child = os.fork()
        if child == 0:
            os._exit(7)
        ended, status = os.waitpid(child, os.WNOHANG)
        if not ended:
            os.kill(child, signal.SIGTERM)
            _, status = os.waitpid(child, 0)
        made()
        return f"{bool(ended)} {status}"


class Group(shmrace.Scenario):
    """A child ends its whole group, with the grandchild that makes a name."""

    @shmrace.actor()
    def parent(self, world: World) -> bool:
        child = os.fork()
        if child == 0:
            os.setsid()
            if os.fork() == 0:
                make()
                os._exit(0)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.killpg(0, signal.SIGTERM)
            os._exit(0)
        os.waitpid(child, 0)
        return made()


class Spawned(shmrace.Scenario):
    """An actor kills the one that it has spawned."""

    @shmrace.actor()
    def parent(self, world: World) -> bool:
        world.spawn(self.child).kill()
        return made()

    def child(self, world: World) -> None:
        make()


class ProcessOfThreads(shmrace.Scenario):
    """A child ends, or becomes another program, beside its thread that makes a name."""

    how = "exit"

    @shmrace.actor()
    def parent(self, world: World) -> bool:
        child = os.fork()
        if child == 0:
            threading.Thread(target=make).start()
            if self.how == "exec":
                os.execv("/bin/true", ["true"])
            os._exit(0)
        os.waitpid(child, 0)
        return made()


class ThreadExecutes(shmrace.Scenario):
    """A thread makes its process another program, while the main thread waits for it."""

    @shmrace.actor()
    def parent(self, world: World) -> bool:
        child = os.fork()
        if child == 0:
            thread = threading.Thread(target=os.execv, args=("/bin/sh", ["sh", "-c", ": >" + X]))
            thread.start()
            thread.join()
        os.waitpid(child, 0)
        return made()


@pytest.mark.parametrize("program", [Killed, AsksFirst, Spawned])
def test_a_victim_may_go_on_before_its_end(program: type[shmrace.Scenario]) -> None:
    """killer: signal | victim: its next step.  Both orders are run, and each class once."""
    scenario = program(start="fork")
    by_classes = reduced(scenario)
    everything = enumerated(scenario, at_once=())
    assert by_classes.outcomes == everything.outcomes
    assert len(by_classes.outcomes) > 1
    assert by_classes.classes == everything.classes
    assert by_classes.executions == len(by_classes.classes)


@pytest.mark.parametrize("scenario", [Group(), ProcessOfThreads(), ProcessOfThreads(how="exec")])
def test_a_thread_or_grandchild_may_go_on_before_its_end(scenario: shmrace.Scenario) -> None:
    """child: ends itself and others | other: creates the name.  With the name, and without."""
    found = reduced(scenario.replaced(start="fork"))
    assert len({returned for _, returned in found.outcomes}) == 2
    assert not any(failed for failed, _ in found.outcomes)
    assert sampled(scenario.replaced(start="fork"), Walk(0), 8).outcomes <= found.outcomes


def test_a_program_that_a_thread_executes_goes_on_as_the_process() -> None:
    """parent/1/1: executes | parent/1, the main thread, is the program from then on."""
    found = reduced(ThreadExecutes(start="fork"))
    assert found.outcomes == {(frozenset(), "[('parent', True)]")}
