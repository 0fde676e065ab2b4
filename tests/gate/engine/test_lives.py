"""The life of a process is an object, however it is asked for, in kept and in forked processes."""

import os
from collections.abc import Collection
from multiprocessing import shared_memory
from typing import Any

import pytest

import shmrace
from shmrace import World
from shmrace.engine.session import Session
from shmrace.explorers.walk import Walk
from tests.support import liveness
from tests.support.enumerating import enumerated, reduced, sampled

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


class Sweep(shmrace.Scenario):
    """A sweeper removes what a creator left that is dead, although it was handed over."""

    how = "kill"

    @shmrace.actor()
    def creator(self, world: World) -> None:
        name = f"x_{os.getpid()}"
        shared_memory.SharedMemory(name, create=True, size=4).close()
        world.send("reader", name)

    @shmrace.actor()
    def reader(self, world: World) -> None:
        segment = shared_memory.SharedMemory(world.recv("creator"))
        segment.close()
        segment.unlink()

    @shmrace.actor()
    def sweeper(self, world: World) -> None:
        for name in os.listdir("/dev/shm"):
            try:
                lives = liveness.WAYS[self.how](int(name.split("_")[1]))
            except (ProcessLookupError, FileNotFoundError):
                lives = False
            if not lives:
                os.unlink(f"/dev/shm/{name}")


class LinkOfAnEndedProcess(shmrace.Scenario):
    """One opens the descriptor of a process that may have ended."""

    @shmrace.actor()
    def owner(self, world: World) -> None:
        descriptor = os.open("/dev/shm/x", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        os.unlink("/dev/shm/x")
        world.send("reader", f"/proc/{os.getpid()}/fd/{descriptor}")

    @shmrace.actor()
    def reader(self, world: World) -> None:
        os.close(os.open(world.recv("owner"), os.O_RDWR))


class Stale(shmrace.Scenario):
    """Who has joined an actor knows what it has created."""

    @shmrace.actor()
    def supervisor(self, world: World) -> None:
        world.spawn(self.first).join()
        segment = shared_memory.SharedMemory("x")
        segment.close()
        segment.unlink()

    def first(self, world: World) -> None:
        shared_memory.SharedMemory("x", create=True, size=4).close()

    @shmrace.actor()
    def other(self, world: World) -> None:
        os.unlink("/dev/shm/x")
        shared_memory.SharedMemory("x", create=True, size=4).close()


class StaleAfterWaitpid(Stale):
    """The same with a process that the supervisor forks and waits for itself."""

    @shmrace.actor()
    def supervisor(self, world: World) -> None:
        pid = os.fork()
        if pid == 0:
            self.first(world)
            os._exit(0)
        os.waitpid(pid, 0)
        segment = shared_memory.SharedMemory("x")
        segment.close()
        segment.unlink()


class StaleAfterPeerDied(Stale):
    """The same with a receive that says that its sender has died."""

    @shmrace.actor()
    def supervisor(self, world: World) -> None:
        try:
            world.recv("first")
        except shmrace.PeerDied:
            segment = shared_memory.SharedMemory("x")
            segment.close()
            segment.unlink()

    @shmrace.actor()
    def first(self, world: World) -> None:
        shared_memory.SharedMemory("x", create=True, size=4).close()


class AfterAKill(shmrace.Scenario):
    """Whether a peer lives that a fault may kill before it has done anything."""

    start = "fork"

    @shmrace.actor()
    def target(self, world: World) -> None:
        world.send("asker", os.getpid())
        world.recv("asker")

    @shmrace.actor()
    def asker(self, world: World) -> bool:
        lives = liveness.is_there(world.recv("target"))
        world.send("target", "done")
        return lives


@pytest.mark.parametrize("start", ["warm", "fork"])
@pytest.mark.parametrize(
    "how", ["kill", "pidfd_open", "stat of /proc/PID", "state in /proc/PID/stat"]
)
def test_a_sweeper_that_trusts_a_creators_death_is_found_out(how: str, start: str) -> None:
    verdict = shmrace.explore(Sweep(how=how, start=start))
    assert {one.kind for one in verdict.findings} <= {"double-unlink", "missing-segment"}
    assert verdict.status == "fail"


@pytest.mark.parametrize("start", ["warm", "fork"])
def test_a_descriptor_of_another_process_may_have_gone_with_it(start: str) -> None:
    verdict = shmrace.explore(LinkOfAnEndedProcess(start=start))
    assert [one.kind for one in verdict.findings] == ["rank-error"]


@pytest.mark.parametrize(
    "at_once",
    [frozenset({"start", "send", "recv"}), pytest.param((), marks=pytest.mark.reference)],
    ids=["ends", "every gate"],
)
@pytest.mark.parametrize("how", liveness.WAYS)
def test_each_way_to_ask_is_told_both_and_each_class_is_run_once(
    how: str, at_once: Collection[str]
) -> None:
    """In every order of the questions and the ends in each run; of all gates, most of which add
    nothing, with `-m reference`."""
    scenario = liveness.Asked(how=how, start="fork")
    every, once = enumerated(scenario, at_once), reduced(scenario)
    assert (every.outcomes, every.classes) == (once.outcomes, once.classes)
    told = {told for _, told in once.outcomes}
    assert told == {f"[('asker', {lives}), ('target', None)]" for lives in (False, True)}
    assert once.executions == len(once.classes) < every.executions


@pytest.mark.parametrize("how", ["kill", "pidfd_open", "listing of /proc"])
def test_where_processes_are_kept_asking_begins_the_search_anew_with_real_ends(how: str) -> None:
    told = set()

    class Told(liveness.Asked):
        def check(self, execution: Any) -> None:
            told.add(execution.results["asker"])

    verdict = shmrace.explore(Told(how=how))
    assert told == {False, True}
    assert "explored with start='fork': the code asks whether a process lives" in verdict.note


@pytest.mark.parametrize(
    ("scenario", "outcomes"),
    [
        (liveness.ThreadAsked, 2),
        (liveness.GrandchildAsked, 2),
        (liveness.ZombieAsked, 3),
        (liveness.ChildPolled, 2),
        (liveness.ParentAsked, 2),
        (liveness.DescriptorsListed, 2),
        (liveness.PidfdAwaited, 2),
        (liveness.KilledByOther, 7),
    ],
)
def test_no_outcome_that_drawn_schedules_meet_is_lost(
    scenario: type[shmrace.Scenario], outcomes: int
) -> None:
    once, drawn = reduced(scenario()), sampled(scenario(), Walk(1), 25)
    assert drawn.outcomes <= once.outcomes
    assert len(once.outcomes) == outcomes
    assert once.executions == len(once.classes)


def test_the_same_search_takes_as_many_executions_each_time() -> None:
    assert {reduced(liveness.PidfdAwaited()) for _ in range(20)} == {
        reduced(liveness.PidfdAwaited())
    }


def test_a_process_killed_by_a_fault_is_gone_when_it_is_asked_for() -> None:
    for deaths, lives in (((), True), (("target",), False)):
        with shmrace.begin(AfterAKill) as execution:
            execution.advance("target", until="recv")
            for name in deaths:
                execution.kill(name)
            execution.advance("asker")
        assert execution.results["asker"] is lives


def test_ended_actors_are_reaped_and_keep_their_numbers_apart() -> None:
    with Session(liveness.Asked(start="fork")) as session:
        execution = session.run(lambda one: 0)
    processes = [one.process for one in execution.actors]
    assert all(one.reaped for one in processes)
    assert len({one.inner for one in processes}) == len(processes)


@pytest.mark.parametrize(
    ("scenario", "first", "deaths"),
    [
        (Stale, "first", ()),
        (Stale, "first", ("first",)),
        (StaleAfterWaitpid, "supervisor/1", ()),
        (StaleAfterWaitpid, "supervisor/1", ("supervisor/1",)),
        (StaleAfterPeerDied, "first", ("first",)),
    ],
)
def test_all_that_a_process_did_comes_before_the_wait_for_its_end(
    scenario: type[shmrace.Scenario], first: str, deaths: Collection[str]
) -> None:
    with shmrace.begin(scenario) as execution:
        execution.advance("supervisor")
        execution.advance(first, until="e[nx]*")
        for name in deaths:
            execution.kill(name)
        if not deaths:
            execution.advance(first)
        execution.advance("supervisor", until="attach")
        execution.advance("other")
        execution.advance("supervisor")
    assert [one.kind for one in execution.findings] == ["stale-attach"]
