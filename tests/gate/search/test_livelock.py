"""Those who poll what nobody will change are a livelock; those who give up or are woken are not."""

import fcntl
import os
import threading
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


def search(
    scenario: shmrace.Scenario, *faults: str, seconds: float = 60, detail: Detail = Detail.SHRUNK
) -> Verdict:
    options = SearchOptions.parse(
        budget=Budget(seconds), faults=faults, counts=False, detail=detail
    )
    return Search(scenario, options).run()


def kinds(verdict: Verdict) -> list[str]:
    return [finding.kind for finding in verdict.findings]


class Flags(shmrace.Scenario):
    """Ranks with a flag each in a segment, which the sender makes and removes."""

    ranks = 2

    def sender(self, world: shmrace.World) -> None:
        ranks = [f"rank{rank}" for rank in range(self.ranks)]
        segment = shared_memory.SharedMemory("flags", create=True, size=self.ranks)
        for rank in ranks:
            world.send(rank, None)
        for rank in ranks:
            world.recv(rank)
        segment.close()
        segment.unlink()

    def rank(self, world: shmrace.World) -> None:
        world.recv("sender")
        flags = shared_memory.SharedMemory("flags")
        self.play(world, flags)
        flags.close()
        world.send("sender", None)

    def play(self, world: shmrace.World, flags: shared_memory.SharedMemory) -> None:
        raise NotImplementedError


class EachWaitsForTheOther(Flags):
    """Each says that it is there once the other has; with a file lock of their own, or without."""

    lock = False

    def play(self, world: shmrace.World, flags: shared_memory.SharedMemory) -> None:
        if self.lock:
            file = os.open(os.path.join(world.directory, "lock"), os.O_RDWR | os.O_CREAT)
            fcntl.flock(file, fcntl.LOCK_EX)
            fcntl.flock(file, fcntl.LOCK_UN)
        while not buffer(flags)[1 - world.rank]:
            time.sleep(0.007)
        buffer(flags)[world.rank] = 1


def test_two_who_poll_for_each_other_are_a_livelock_and_it_is_told_who_polls_what() -> None:
    verdict = search(EachWaitsForTheOther(), detail=Detail.EXPLAINED)
    (finding,) = verdict.findings
    assert finding.kind == "livelock"
    assert finding.race is shmrace.Livelock
    line = EachWaitsForTheOther.play.__code__.co_firstlineno + 6
    here = f"(test_livelock.py:{line})"
    assert finding.message == (
        f"rank0 looks at the bytes of seg0 again and again {here}; rank1 looks at the bytes of seg0"
        f" again and again {here}: nobody who is left changes it"
    )
    assert finding.detail.splitlines()[-1].startswith("sender waits for a message of rank0 (")
    assert [step.operation for step in finding.trace[-3:]] == ["sleep"] * 3
    assert len(finding.trace) < 40
    assert Assumption.BOUNDED_RETRIES not in verdict.assumes


def test_a_sleep_with_a_lock_of_a_file_elsewhere_changes_nothing() -> None:
    verdict = search(EachWaitsForTheOther(lock=True))
    assert kinds(verdict) == ["livelock"]
    assert verdict.steps / verdict.executions < 1_000


class SecondResetsTheFirst(Flags):
    """The constructor sets all flags to 0: who comes later takes back that the other has come."""

    def play(self, world: shmrace.World, flags: shared_memory.SharedMemory) -> None:
        buffer(flags)[0] = buffer(flags)[1] = 0
        world.checkpoint("constructed")
        buffer(flags)[world.rank] = 1
        while not buffer(flags)[1 - world.rank]:
            time.sleep(0.007)


def test_a_livelock_in_some_schedules_is_no_pass() -> None:
    assert kinds(search(SecondResetsTheFirst(), seconds=20)) == ["livelock"]


class Ring(Flags):
    """Each waits for the one before it; nobody begins, or the first does."""

    ranks = 3
    begins = False

    def play(self, world: shmrace.World, flags: shared_memory.SharedMemory) -> None:
        while not buffer(flags)[(world.rank - 1) % self.ranks]:
            if self.begins and world.rank == 0:
                break
            time.sleep(0.01)
        buffer(flags)[world.rank] = 1


def test_three_pollers_in_a_ring_are_a_livelock_and_pass_if_one_begins() -> None:
    (finding,) = search(Ring()).findings
    assert finding.kind == "livelock"
    polled = [line for line in finding.detail.splitlines() if "looks at" in line]
    assert [line.split()[0] for line in polled] == ["rank0", "rank1", "rank2"]
    verdict = search(Ring(begins=True), seconds=5)
    assert (verdict.status, Assumption.BOUNDED_RETRIES in verdict.assumes) == ("pass", False)


class GivesUp(Flags):
    """Each polls until a deadline, one for half a minute and one for most of an hour."""

    def play(self, world: shmrace.World, flags: shared_memory.SharedMemory) -> None:
        until = time.monotonic() + (3_000 if world.rank else 30)
        while not buffer(flags)[1 - world.rank] and time.monotonic() < until:
            time.sleep(0.007)
        buffer(flags)[world.rank] = 1


def test_a_poller_with_a_deadline_gives_up_and_is_no_livelock() -> None:
    verdict = search(GivesUp())
    assert (verdict.status, verdict.complete) == ("pass", True)
    assert Assumption.TIMEOUTS in verdict.assumes


class InitFlag(shmrace.Scenario):
    """Open or create; who creates sets a flag, for which all others wait."""

    ranks = 2
    fixed = False

    def rank(self, world: shmrace.World) -> str:
        try:
            segment = shared_memory.SharedMemory("managed", create=True, size=64)
            world.checkpoint("initialising")
            buffer(segment)[0] = 2
        except FileExistsError:
            until = time.monotonic() + 5
            while True:
                try:
                    segment = shared_memory.SharedMemory("managed")
                    break
                except ValueError:
                    if self.fixed and time.monotonic() > until:
                        return "gave up"
                    time.sleep(0.01)
            while buffer(segment)[0] != 2:
                if self.fixed and time.monotonic() > until:
                    break
                time.sleep(0.01)
        segment.close()
        return "attached"

    @shmrace.actor()
    def janitor(self, world: shmrace.World) -> None:
        pass

    def accept(self, finding: shmrace.Breach, execution: shmrace.Execution) -> bool:
        return finding.kind == "leak"


@pytest.mark.parametrize("fixed", [False, True])
def test_who_waits_for_a_flag_of_the_dead_is_a_livelock_unless_it_has_a_deadline(
    fixed: bool,
) -> None:
    verdict = search(InitFlag(fixed=fixed), "kill@rank*", seconds=60 if not fixed else 10)
    assert kinds(verdict) == ([] if fixed else ["livelock"])
    if not fixed:
        assert verdict.findings[0].faults and "rank0" not in verdict.findings[0].detail


class KilledSetter(shmrace.Scenario):
    """The one who would set a flag may be killed before it does."""

    ranks = 1

    def sender(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory("flag", create=True, size=1)
        world.send("rank0", None)
        world.checkpoint("about to set it")
        buffer(segment)[0] = 1
        segment.close()

    def rank(self, world: shmrace.World) -> None:
        world.recv("sender")
        segment = shared_memory.SharedMemory("flag")
        while not buffer(segment)[0]:
            time.sleep(0.01)
        segment.close()
        segment.unlink()

    def accept(self, finding: shmrace.Breach, execution: shmrace.Execution) -> bool:
        return finding.kind == "leak"


def test_a_kill_of_who_would_have_set_the_flag_leaves_a_livelock() -> None:
    assert search(KilledSetter()).status == "pass"
    assert kinds(search(KilledSetter(), "kill@sender")) == ["livelock"]


class LockFile(shmrace.Scenario):
    """A lock file that is made with O_EXCL, again and again; who has made it removes it, or not."""

    ranks = 2
    removes = False
    nap: float | None = 0.05

    def rank(self, world: shmrace.World) -> None:
        while True:
            try:
                os.close(os.open("/dev/shm/lock", os.O_CREAT | os.O_EXCL | os.O_RDWR))
                break
            except FileExistsError:
                if self.nap is not None:
                    time.sleep(self.nap)
        if self.removes:
            os.unlink("/dev/shm/lock")


@pytest.mark.parametrize("nap", [0.05, None])
def test_a_lock_file_that_is_never_removed_is_a_livelock(nap: float | None) -> None:
    """Without a sleep too: who repeats what has just failed polls."""
    assert kinds(search(LockFile(nap=nap))) == ["livelock"]
    verdict = search(LockFile(nap=nap, removes=True))
    assert (verdict.status, verdict.complete) == ("pass", True)


class LateMessage(shmrace.Scenario):
    """A poller looks for a message, which is sent after a wait with a limit, or never."""

    ranks = 1
    comes = True

    def sender(self, world: shmrace.World) -> None:
        threading.Event().wait(120)
        if self.comes:
            world.send("rank0", "now")

    def rank(self, world: shmrace.World) -> str:
        while True:
            try:
                return str(world.recv("sender", wait=False))
            except BlockingIOError:
                time.sleep(0.1)

    def uses_segments(self) -> bool:
        return False


def test_a_late_message_wakes_a_poller_and_one_that_never_comes_leaves_a_livelock() -> None:
    assert search(LateMessage()).status == "pass"
    assert kinds(search(LateMessage(comes=False))) == ["livelock"]
    assert shmrace.run(LateMessage()).results["rank0"] == "now"


class PollsAndWaits(shmrace.Scenario):
    """One polls for a name, the other waits for a message of the first: a livelock of both."""

    ranks = 2

    def rank(self, world: shmrace.World) -> None:
        if world.rank == 0:
            while not os.path.exists("/dev/shm/never"):
                time.sleep(0.1)
            world.send("rank1", None)
        else:
            world.recv("rank0")

    def uses_segments(self) -> bool:
        return False


def test_a_poller_and_one_who_waits_for_it_are_a_livelock_and_both_are_told() -> None:
    (finding,) = search(PollsAndWaits()).findings
    assert finding.kind == "livelock"
    assert [line.split(" (")[0] for line in finding.detail.splitlines()] == [
        "rank0 looks at the name never again and again",
        "rank1 waits for a message of rank0",
    ]
