"""Who polls waits for a change; who counts its rounds, or naps to give others time, does not."""

import os
import time
from multiprocessing import shared_memory

import pytest

import shmrace
from shmrace.model.assumptions import Assumption
from shmrace.model.verdict import Verdict
from shmrace.search.budget import Budget
from shmrace.search.options import Detail, SearchOptions
from shmrace.search.search import Search


def buffer(segment: shared_memory.SharedMemory) -> memoryview:
    assert segment.buf is not None
    return segment.buf


def search(scenario: shmrace.Scenario, executions: int | None = None) -> Verdict:
    budget = Budget(60, executions)
    options = SearchOptions.parse(budget=budget, counts=False, detail=Detail.SHRUNK)
    return Search(scenario, options).run()


class TwoPollers(shmrace.Scenario):
    """Ranks poll for a name; the role that makes it is listed behind them."""

    ranks = 2

    @shmrace.actor()
    def master(self, world: shmrace.World) -> None:
        os.close(os.open("/dev/shm/x", os.O_CREAT | os.O_RDWR))
        for _ in range(self.ranks):
            world.recv()
        os.unlink("/dev/shm/x")

    def rank(self, world: shmrace.World) -> None:
        while not os.path.exists("/dev/shm/x"):
            time.sleep(0.01)
        world.send("master", "seen")


def test_two_pollers_do_not_starve_a_third_and_their_rounds_make_no_classes() -> None:
    verdict = search(TwoPollers())
    assert (verdict.status, verdict.complete) == ("pass", True)
    assert verdict.executions == verdict.trace_classes == 48  # a message may come before the other
    assert Assumption.BOUNDED_RETRIES not in verdict.assumes


class Counts(shmrace.Scenario):
    """A joiner that looks for a name a number of times, and then opens it whatever it saw."""

    ranks = 1
    looks = 3

    def sender(self, world: shmrace.World) -> None:
        world.checkpoint("begins late")
        segment = shared_memory.SharedMemory("late", create=True, size=8)
        world.recv("rank0")
        segment.close()
        segment.unlink()

    def rank(self, world: shmrace.World) -> None:
        for _ in range(self.looks):
            if os.path.exists("/dev/shm/late") and os.stat("/dev/shm/late").st_size:
                break
            time.sleep(0.1)
        shared_memory.SharedMemory("late").close()
        world.send("sender", None)


@pytest.mark.parametrize("looks", [3, 6])
def test_a_joiner_that_counts_its_looks_may_give_up_before_the_creator_has_come(
    looks: int,
) -> None:
    verdict = search(Counts(looks=looks))
    assert verdict.findings[0].kind in ("missing-segment", "half-born-attach")
    assert verdict.note == "explored each round of rank0, which may give up polling"


def test_a_count_that_is_beyond_the_bound_on_retries_is_no_complete_search() -> None:
    verdict = search(Counts(looks=40), executions=20)
    assert not verdict.complete
    assert Assumption.BOUNDED_RETRIES in verdict.assumes


class Grace(shmrace.Scenario):
    """Who has sent a segment naps three times, for the other to map it, and unlinks it."""

    ranks = 1

    def sender(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory("given", create=True, size=8)
        world.send("rank0", None)
        for _ in range(3):
            time.sleep(0.1)
        segment.close()
        segment.unlink()

    def rank(self, world: shmrace.World) -> None:
        world.recv("sender")
        shared_memory.SharedMemory("given").close()


def test_naps_that_shall_give_another_one_time_order_nothing() -> None:
    assert [one.kind for one in search(Grace()).findings] == ["missing-segment"]


class Phases(shmrace.Scenario):
    """Whoever comes first creates; each says in which phase it is, and polls for the other."""

    ranks = 2
    phases = 4

    def rank(self, world: shmrace.World) -> None:
        try:
            segment = shared_memory.SharedMemory("x", create=True, size=2)
        except FileExistsError:
            segment = shared_memory.SharedMemory("x")
        for phase in range(1, self.phases + 1):
            buffer(segment)[world.rank] = phase
            while buffer(segment)[1 - world.rank] < phase:
                time.sleep(0.007)
        world.barrier()
        segment.close()
        if world.rank == 0:
            segment.unlink()


def test_what_lies_in_front_of_much_polling_is_found() -> None:
    assert [one.kind for one in search(Phases()).findings] == ["half-born-attach"]


class LooksTwice(shmrace.Scenario):
    """A look at what it holds, in front of each of two names: the second name is no poll."""

    def rank(self, world: shmrace.World) -> object:
        if world.rank == 0:
            os.close(os.open("/dev/shm/x", os.O_CREAT | os.O_RDWR))
            world.barrier()
            os.close(os.open("/dev/shm/b", os.O_CREAT | os.O_RDWR))
            return None
        world.barrier()
        held = os.open("/dev/shm/x", os.O_RDONLY)
        found = [(os.fstat(held).st_size, os.path.exists(f"/dev/shm/{name}")) for name in "ab"]
        os.close(held)
        return found

    def accept(self, finding: object, execution: object) -> bool:
        return True


def test_who_looks_at_one_thing_twice_and_goes_on_with_another_does_not_poll() -> None:
    told = set()

    class Told(LooksTwice):
        def check(self, execution: shmrace.Execution) -> None:
            told.add(repr(execution.results["rank1"]))

    verdict = search(Told())
    assert told == {"[(0, False), (0, False)]", "[(0, False), (0, True)]"}
    assert Assumption.TIMEOUTS not in verdict.assumes


class FlagInFront(shmrace.Scenario):
    """Rank 1 polls for a name that rank 0 makes, and then looks for one that rank 0 removes."""

    def rank(self, world: shmrace.World) -> object:
        if world.rank == 0:
            os.close(os.open("/dev/shm/x", os.O_CREAT | os.O_RDWR))
            os.close(os.open("/dev/shm/flag", os.O_CREAT | os.O_RDWR))
            os.unlink("/dev/shm/x")
            return None
        while not os.path.exists("/dev/shm/flag"):
            time.sleep(0.01)
        return os.path.exists("/dev/shm/x")

    def accept(self, finding: object, execution: object) -> bool:
        return True


def test_a_poller_that_has_news_may_go_on_at_once() -> None:
    told = set()

    class Told(FlagInFront):
        def check(self, execution: shmrace.Execution) -> None:
            told.add(execution.results["rank1"])

    search(Told())
    assert told == {True, False}
