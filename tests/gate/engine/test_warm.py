"""Warm processes are as good as fresh ones, or are replaced."""

import contextlib
import os
import threading
from multiprocessing import shared_memory

import pytest

import shmrace
from shmrace.engine.choosers import by_schedule
from shmrace.engine.session import Session
from shmrace.model.schedule import Schedule
from shmrace.scenario import loading
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search
from tests.support.programs import CACHE, Cached, make_and_unlink


class Dirty(shmrace.Scenario):
    """Ranks that come back with something they did not have before."""

    ranks = 3

    def rank(self, world: shmrace.World) -> None:
        make_and_unlink()
        if world.rank == 0:
            os.open("/dev/null", os.O_RDONLY)
        elif world.rank == 1:
            threading.Thread(target=threading.Event().wait, daemon=True).start()


class Liveness(shmrace.Scenario):
    """A rank that asks whether the other one lives."""

    def rank(self, world: shmrace.World) -> bool:
        make_and_unlink()
        if world.rank == 0:
            world.send(1, os.getpid())
            return True
        try:
            os.kill(world.recv(0), 0)
        except ProcessLookupError:
            return False
        return True


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "name",
    ["inherited-exit-handler", "pipe-and-barrier", "sglang-deferred-barrier", "sglang-eager"],
)
def test_warm_and_forked_see_the_same_classes_kinds_and_verdict(name: str) -> None:
    seen = []
    for start in ("warm", "fork"):
        scenario = loading.load(name)(ranks=2, start=start)
        search = Search(scenario, SearchOptions.parse(budget=Budget(200), keep_going=True))
        verdict = search.run()
        kinds = {finding.kind for finding in verdict.findings}
        seen.append((verdict.status, verdict.assumes, kinds, search._evidence.classes))
    assert seen[0] == seen[1]


def test_a_cache_in_a_module_does_not_hide_a_race() -> None:
    """In a warm process the second execution attaches nothing; the search notices, starts over in
    forked processes, says so, and finds what there is to find."""
    verdict = shmrace.explore(Cached)
    assert [finding.kind for finding in verdict.findings] == ["missing-segment"]


def test_a_cache_that_hides_steps_from_a_pass_is_noticed() -> None:
    class Careful(Cached):
        def rank(self, world: shmrace.World, name: str) -> None:
            if name not in CACHE:
                shared_memory.SharedMemory(name).close()
                CACHE[name] = name
            world.barrier()
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"/dev/shm/{name}")

    verdict = shmrace.explore(Careful)
    assert verdict.proof
    assert verdict.start == "fork"
    assert verdict.note.startswith("explored with start='fork': a process that was kept")


def test_a_process_that_comes_back_dirty_is_replaced() -> None:
    with Session(Dirty()) as session:
        for _ in range(3):
            session.run(by_schedule(Schedule()))
            assert session._server is not None
            assert sorted(session._server.warm) == ["rank2"]


def test_by_hand_code_that_asks_for_liveness_passes_only_with_an_assumption() -> None:
    with shmrace.begin(Liveness) as execution:
        execution.run_rest()
    assert execution.verdict is not None
    assert "warm" in execution.verdict.assumes


def test_code_that_asks_for_liveness_gets_processes_that_end() -> None:
    """The other rank may be gone or not: both answers are explored."""
    verdict = shmrace.explore(Liveness)
    assert (verdict.status, verdict.start) == ("pass", "fork")
    assert "asks whether a process lives" in verdict.note
    assert verdict.trace_classes == 2


def test_random_numbers_and_the_working_directory_are_the_same_in_every_execution() -> None:
    class Draws(shmrace.Scenario):
        ranks = 1

        def rank(self, world: shmrace.World) -> tuple[float, str]:
            import random

            where = os.getcwd()
            os.chdir("/")
            name = f"drawn-{random.random()}"
            os.close(os.open(f"/dev/shm/{name}", os.O_CREAT))
            os.unlink(f"/dev/shm/{name}")
            return random.random(), where

    with Session(Draws()) as session:
        results = [session.run(by_schedule(Schedule())).results["rank0"] for _ in range(3)]
        results.append(session.run(by_schedule(Schedule()), fresh=True).results["rank0"])
    assert len(set(results)) == 1
