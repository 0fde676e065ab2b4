"""Real resource trackers: one removes a segment that is still used, one gets a name twice.

Only what processes write to a tracker is parsed as a registration.
"""

import ctypes
import os
from multiprocessing import resource_tracker, shared_memory

import pytest

import shmrace
from shmrace.engine.waits.trackers import parse_message
from shmrace.model.verdict import Verdict
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search
from tests.support.programs import make_and_unlink


class StartedApart(shmrace.Scenario):
    """Ranks with a tracker each: the reader ends first, and its tracker unlinks what it has only
    attached (bpo-38119, gh-82300)."""

    ranks = 2
    trackers = "own"
    unregisters = False

    def rank(self, world: shmrace.World) -> None:
        if world.rank == 0:
            segment = shared_memory.SharedMemory(create=True, size=64)
            world.send(1, segment.name)
            world.recv(1)
            segment.close()
            segment.unlink()
        else:
            segment = shared_memory.SharedMemory(world.recv(0))
            if self.unregisters:
                resource_tracker.unregister(f"/{segment.name}", "shared_memory")
            segment.close()
            world.send(0, "done")


class OneTracker(shmrace.Scenario):
    """A family with one tracker: whoever unregisters what it attached takes the creator's entry
    away (wool #336)."""

    trackers = "own"
    unregisters = True

    @shmrace.actor()
    def creator(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory(create=True, size=64)
        world.spawn(self.reader, segment.name).join()
        segment.close()
        segment.unlink()

    def reader(self, world: shmrace.World, name: str) -> None:
        segment = shared_memory.SharedMemory(name)
        if self.unregisters:
            resource_tracker.unregister(f"/{name}", "shared_memory")
        segment.close()


def searched(scenario: shmrace.Scenario) -> Verdict:
    return Search(
        scenario, SearchOptions.parse(budget=Budget(100), keep_going=True, counts=False)
    ).run()


def test_the_tracker_of_a_reader_that_ends_removes_what_the_creator_still_needs() -> None:
    """rank1 attaches, closes, sends and ends; its tracker, rank1/1, unlinks before rank0 does."""
    verdict = searched(StartedApart())
    (finding,) = verdict.findings
    assert finding.kind == "tracker-unlink"
    assert finding.message.startswith(
        "rank1/1, the resource tracker of rank1, unlinks seg0 before rank0 unlinks it ("
    )
    assert verdict.complete
    assert "explored with start='fork': an actor has started a process that outlives it" in (
        verdict.note
    )


def test_what_is_unregistered_after_it_was_attached_is_left_to_its_creator() -> None:
    verdict = searched(StartedApart(unregisters=True))
    assert (verdict.status, verdict.complete) == ("pass", True)


def test_unregistering_from_a_tracker_that_others_use_is_an_imbalance() -> None:
    """creator registers; reader registers the same, unregisters; creator unlinks, unregisters."""
    verdict = searched(OneTracker())
    (finding,) = verdict.findings
    assert finding.kind == "tracker-imbalance"
    assert "from its resource tracker, from which reader has unregistered it" in finding.message
    assert "KeyError" in dict(finding.outputs)["creator"]


@pytest.mark.parametrize("start", ["warm", "fork"])
def test_a_tracker_that_is_told_once_finds_nothing_to_say(start: str) -> None:
    verdict = searched(OneTracker(unregisters=False, start=start))
    assert (verdict.status, verdict.complete) == ("pass", True)


def test_by_hand_a_tracker_acts_too_when_who_started_it_ends() -> None:
    """rank0 waits for rank1, which ends before rank0 goes on."""
    with shmrace.begin(StartedApart) as execution:
        execution.run_rest(shmrace.order("rank1/1.unlink", "rank0.unlink"))
    with pytest.raises(shmrace.TrackerUnlink):
        execution.check()


@pytest.mark.parametrize(
    "message",
    [
        b"UNREGISTER:/psm_1:shared_memory\n",
        b'{"cmd":"UNREGISTER","rtype":"shared_memory","base64_name":"L3BzbV8x"}\n',
    ],
)
def test_both_forms_of_a_message_are_understood(message: bytes) -> None:
    assert parse_message(message) == ("UNREGISTER", "/psm_1", "shared_memory")


@pytest.mark.parametrize("message", [b"", b"x", b"\xff:a:b\n", b"{", b'{"cmd":1}', b"{}", b"a:b\n"])
def test_anything_else_is_no_message(message: bytes) -> None:
    assert parse_message(message) is None


class Probes(shmrace.Scenario):
    """Asks the kernel whether there is memory at an address, by a write to a pipe."""

    ranks = 1

    def rank(self, world: shmrace.World) -> None:
        make_and_unlink()
        _, writer = os.pipe()
        for place in (8, 2**64 - 8):
            assert _write(writer, place) == -1


def _write(descriptor: int, place: int) -> int:
    write = ctypes.CDLL(None).write
    return int(write(descriptor, ctypes.c_void_p(place), ctypes.c_size_t(1)))


def test_a_write_of_memory_that_is_not_there_is_left_to_the_kernel() -> None:
    verdict = Search(Probes(), SearchOptions.parse(budget=Budget(60))).run()
    assert (verdict.status, verdict.complete) == ("pass", True)
