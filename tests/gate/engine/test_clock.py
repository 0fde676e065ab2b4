"""Virtual time: sleeps and waits move it, and loops with a deadline come to their end."""

import os
import time
from multiprocessing import shared_memory

import pytest

import shmrace
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search


class Joins(shmrace.Scenario):
    """A joiner that polls the size of a file until a deadline."""

    nap: float | None = 0.01

    @shmrace.actor()
    def creator(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory("joined", create=True, size=64)
        world.recv("joiner")
        segment.close()
        segment.unlink()

    @shmrace.actor()
    def joiner(self, world: shmrace.World) -> float:
        began = time.monotonic()
        while not self.is_there():
            if time.monotonic() > began + 30:
                world.send("creator", "no")
                raise TimeoutError("the segment has not come within 30 s")
            if self.nap is not None:
                time.sleep(self.nap)
        world.send("creator", "yes")
        return time.monotonic() - began

    def is_there(self) -> bool:
        try:
            return os.stat("/dev/shm/joined").st_size > 0
        except FileNotFoundError:
            return False


@pytest.mark.parametrize("nap", [0.01, None])
def test_a_deadline_is_reached_in_virtual_time_where_the_creator_is_dead(nap: float | None) -> None:
    """The joiner ends in its own error; without sleeps, doing the same in vain counts as one."""
    began = time.monotonic()
    with shmrace.begin(Joins(nap=nap)) as execution:
        execution.advance("creator", until="size")
        execution.kill("creator")
    assert time.monotonic() - began < 20
    ending = execution.endings["joiner"]
    assert (ending.error, ending.message) == (
        "TimeoutError", "the segment has not come within 30 s"
    )  # fmt: skip
    looks = [step for step in execution.trace if step.operation == "look"]
    assert 5 < len(looks) < 40
    assert "timeouts" in execution.engine.observations.assumed
    assert "bounded-retries" not in execution.engine.observations.assumed


def test_the_same_schedule_shows_the_same_times() -> None:
    waited = [shmrace.run(Joins(), [0, 0, 1, 1]).results["joiner"] for _ in range(3)]
    assert len({round(one, 6) for one in waited}) == 1
    assert shmrace.run(Joins()).results["joiner"] < 0.001  # nobody had to wait


class Told(shmrace.Scenario):
    """Who is told by a sleeper is at least as late; who is not, is not."""

    @shmrace.actor()
    def sleeper(self, world: shmrace.World) -> float:
        began = time.time()
        time.sleep(5)
        world.send("waiter", "awake")
        return time.time() - began

    @shmrace.actor()
    def waiter(self, world: shmrace.World) -> float:
        began = time.time()
        world.recv("sleeper")
        return time.time() - began

    @shmrace.actor()
    def other(self, world: shmrace.World) -> float:
        began = time.time()
        world.checkpoint("nothing")
        return time.time() - began

    def uses_segments(self) -> bool:
        return False


def test_clocks_move_by_sleeps_and_by_what_their_process_is_told() -> None:
    verdict = Search(Told(), SearchOptions.parse(budget=Budget(60))).run()
    assert (verdict.status, verdict.complete, verdict.trace_classes) == ("pass", True, 1)
    results = shmrace.run(Told()).results
    assert 5 <= results["sleeper"] < 5.1
    assert 5 <= results["waiter"] < 5.1
    assert results["other"] < 0.1


class Patient(shmrace.Scenario):
    """A wait with a limit of ten seconds, for what never comes."""

    @shmrace.actor()
    def waiter(self, world: shmrace.World) -> float:
        import threading

        began = time.monotonic()
        assert not threading.Event().wait(10)
        return time.monotonic() - began

    def uses_segments(self) -> bool:
        return False


def test_a_wait_in_vain_lasts_as_long_as_it_may() -> None:
    began = time.monotonic()
    waited = shmrace.run(Patient()).results["waiter"]
    assert 10 <= waited < 10.1
    assert time.monotonic() - began < 8


class RetriesForEver(shmrace.Scenario):
    """Somebody who waits for what never comes, without a deadline."""

    @shmrace.actor()
    def poller(self, world: shmrace.World) -> None:
        while not os.path.exists("/dev/shm/never"):
            time.sleep(0.1)

    def uses_segments(self) -> bool:
        return False


def test_a_loop_without_a_deadline_is_a_livelock() -> None:
    execution = shmrace.run(RetriesForEver())
    assert [finding.kind for finding in execution.findings] == ["livelock"]
    assert len([step for step in execution.trace if step.operation == "sleep"]) == 256
