"""What a process' records keep, hand on to a child, and start anew."""

import os
from collections.abc import Iterator

import pytest

from shmrace.engine.state.actor import NO_RETRIES
from shmrace.engine.state.holdings import Holdings
from shmrace.engine.state.process import MILLISECOND, Looks, Process, ProcessClock

SEGMENT = (1, 2)


@pytest.fixture
def own() -> Iterator[Process]:
    """The record of the process that runs this test."""
    process = Process(os.getpid(), 1, None)
    yield process
    process.close()


def test_a_child_holds_the_segments_of_its_parent() -> None:
    parent = Holdings(shares_memory=True)
    parent.view(SEGMENT).descriptors.add(3)
    parent.view(SEGMENT).mapped = True
    child = parent.of_a_child()
    assert child.shares_memory
    assert (child.views[SEGMENT].descriptors, child.views[SEGMENT].mapped) == ({3}, True)
    child.views[SEGMENT].descriptors.clear()
    assert parent.views[SEGMENT].descriptors == {3}


def test_an_exec_ends_mappings_and_keeps_descriptors() -> None:
    holdings = Holdings(shares_memory=True)
    view = holdings.view(SEGMENT)
    view.descriptors, view.mapped, view.place = {3}, True, (4096, 8192)
    holdings.forget_mappings()
    assert not holdings.shares_memory
    assert (view.descriptors, view.mapped) == ({3}, False)
    assert holdings.views[SEGMENT].place is None


@pytest.mark.parametrize(
    ("moment", "now", "passed"),
    [(5, 10, False), (10 + MILLISECOND, 10 + MILLISECOND, False), (10**9, 10**9, True)],
    ids=["earlier", "a millisecond", "longer"],
)
def test_a_clock_never_moves_back_and_tells_whether_time_has_passed(
    moment: int, now: int, passed: bool
) -> None:
    clock = ProcessClock(10)
    clock.move_to(moment)
    assert (clock.now, clock.has_passed) == (now, passed)


def test_nothing_of_a_turn_is_left_when_the_next_one_begins(own: Process) -> None:
    own.looks, own.has_spoken = Looks(in_vain=True, found_some=True), True
    own.begin_turn()
    assert (own.looks, own.has_spoken) == (Looks(), False)


def test_channels_are_looked_at_anew_once_they_are_forgotten(own: Process) -> None:
    reader, writer = os.pipe()
    own.look_at_channels()
    assert {reader, writer} <= own.channels.links.keys()
    own.channels.forget()
    assert own.channels.links == {}
    os.close(reader)
    os.close(writer)
    own.look_at_channels()
    assert reader not in own.channels.links


def test_one_more_retry_keeps_what_was_in_vain() -> None:
    once = NO_RETRIES.once_more()
    assert (once.count, once.in_vain) == (1, ())
    assert NO_RETRIES.count == 0
