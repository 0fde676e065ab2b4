"""Loads and stores are not gates: what they might change is assumed, never proved."""

import contextlib
import mmap
import os
import threading
from multiprocessing import shared_memory

import pytest

import shmrace
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search

NAME = "/dev/shm/x"


class Handover(shmrace.Scenario):
    """A writer makes a segment, and removes it once the reader has looked at it."""

    @shmrace.actor()
    def writer(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory("x", create=True, size=8)
        self.hand_over(world, segment)
        world.recv("reader")
        segment.close()
        segment.unlink()

    def hand_over(self, world: shmrace.World, segment: shared_memory.SharedMemory) -> None:
        world.send("reader", None)

    @shmrace.actor()
    def reader(self, world: shmrace.World) -> None:
        world.recv("writer")
        segment = shared_memory.SharedMemory("x")
        assert segment.buf is not None
        segment.buf[0]
        segment.close()
        world.send("writer", None)


class StoresBeforeSending(Handover):
    def hand_over(self, world: shmrace.World, segment: shared_memory.SharedMemory) -> None:
        assert segment.buf is not None
        segment.buf[0] = 1
        world.send("reader", None)


class StoresBehindSending(Handover):
    def hand_over(self, world: shmrace.World, segment: shared_memory.SharedMemory) -> None:
        assert segment.buf is not None
        world.send("reader", None)
        segment.buf[0] = 1


class StoresBehindAFailedCall(Handover):
    def hand_over(self, world: shmrace.World, segment: shared_memory.SharedMemory) -> None:
        assert segment.buf is not None
        world.send("reader", None)
        try:
            os.unlink("/dev/shm/another")
        except FileNotFoundError:
            segment.buf[0] = 1


class SharesWithAChild(Handover):
    """A mapping that no segment explains: nobody looks into it."""

    def hand_over(self, world: shmrace.World, segment: shared_memory.SharedMemory) -> None:
        shared = mmap.mmap(-1, 4096)
        child = os.fork()
        shared[0] += 1
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        world.send("reader", None)


class SharesWithAThread(Handover):
    def hand_over(self, world: shmrace.World, segment: shared_memory.SharedMemory) -> None:
        total = [0]

        def add() -> None:
            total[0] += 1

        thread = threading.Thread(target=add)
        thread.start()
        add()
        thread.join()
        world.send("reader", None)


class Calls(shmrace.Scenario):
    """One writes by pwrite and one reads by pread, in any order; nobody maps anything."""

    @shmrace.actor()
    def writer(self, world: shmrace.World) -> None:
        descriptor = os.open(NAME, os.O_CREAT | os.O_RDWR)
        os.ftruncate(descriptor, 8)
        world.send("reader", None)
        os.pwrite(descriptor, b"1", 0)
        world.recv("reader")
        os.close(descriptor)
        os.unlink(NAME)

    @shmrace.actor()
    def reader(self, world: shmrace.World) -> bytes:
        world.recv("writer")
        descriptor = os.open(NAME, os.O_RDONLY)
        found = os.pread(descriptor, 1, 0)
        os.close(descriptor)
        world.send("writer", None)
        return found


@pytest.mark.parametrize(
    "scenario",
    [StoresBehindSending, StoresBehindAFailedCall, SharesWithAChild, SharesWithAThread],
)
def test_what_is_stored_behind_a_call_that_lets_another_go_on_is_not_proved(
    scenario: type[Handover],
) -> None:
    verdict = shmrace.explore(scenario, budget="30s")
    assert (verdict.status, verdict.proof) == ("pass", False)
    assert "data-races" in verdict.assumes


@pytest.mark.parametrize("scenario", [Handover, StoresBeforeSending, Calls])
def test_bytes_of_which_every_use_is_ordered_or_a_call_are_proved(
    scenario: type[shmrace.Scenario],
) -> None:
    assert shmrace.explore(scenario, budget="30s").proof


def test_a_pass_that_assumes_a_data_race_tells_who_writes_and_who_holds() -> None:
    """With the lines, which one more execution tells."""
    verdict = Search(StoresBehindSending(), SearchOptions()).run()
    assert verdict.data_race.startswith("writer writes seg0 after its send (test_data_races.py:")
    assert "reader has it mapped after its map (test_data_races.py:" in verdict.data_race


class ClosesBehindSending(shmrace.Scenario):
    """A child closes the last end of a pipe, to which or from which its parent writes or reads."""

    reads = True
    waits = False

    @shmrace.actor()
    def parent(self, world: shmrace.World) -> None:
        os.close(os.open(NAME, os.O_CREAT | os.O_RDWR))
        os.unlink(NAME)
        reading, writing = os.pipe()
        mine, others = (reading, writing) if self.reads else (writing, reading)
        os.set_blocking(reading, self.waits)
        if os.fork() == 0:
            os.close(mine)
            world.send("parent", None)
            os.close(others)
            world.recv("parent")
            os._exit(0)
        os.close(others)
        world.recv()
        if self.reads:
            assert os.read(reading, 1) == b""
        else:
            with contextlib.suppress(BrokenPipeError):
                os.write(writing, b"1")
        os._exit(0)


def test_who_does_not_wait_for_a_close_might_have_come_before_it() -> None:
    """A close is no gate.  Whoever reads until it is there comes behind it in any case."""
    assert "message-order" in shmrace.explore(ClosesBehindSending(), budget="30s").assumes
    assert "message-order" in shmrace.explore(ClosesBehindSending(reads=False)).assumes
    assert shmrace.explore(ClosesBehindSending(waits=True), budget="30s").proof
