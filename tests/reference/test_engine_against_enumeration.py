"""The steps of real code depend on each other by more than names, and no outcome is lost.

Each program has outcomes that a reduction by names alone would merge.  Plain enumeration finds
them all, and the reduction must find the same.
"""

import os
import select
from collections.abc import Collection
from multiprocessing import shared_memory
from typing import Any

import pytest

import shmrace
from shmrace import World
from tests.support.enumerating import BY_ITSELF, enumerated, reduced

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


class CountInTheHeader(shmrace.Scenario):
    """Each rank lowers a count in the segment's first byte, and unlinks if it was the last.

    No system call stands between the load and the store but a checkpoint.
    """

    def sender(self, world: World) -> str:
        segment = shared_memory.SharedMemory(create=True, size=64)
        assert segment.buf is not None
        segment.buf[0] = self.ranks
        segment.close()
        return segment.name

    def rank(self, world: World, name: str) -> int:
        segment = shared_memory.SharedMemory(name=name)
        assert segment.buf is not None
        count = segment.buf[0]
        world.checkpoint("loaded")
        segment.buf[0] = count - 1
        segment.close()
        if count == 1:
            segment.unlink()
        return count


class Acknowledgement(shmrace.Scenario):
    """One child says over a pipe that it is done; the other looks whether it has, and does not
    wait."""

    @shmrace.actor()
    def parent(self, world: World) -> list[Any]:
        reader, writer = os.pipe()
        children = [
            world.spawn(self.says, writer, name="says"),
            world.spawn(self.looks, reader, name="looks"),
        ]
        return [child.join() for child in children]

    def says(self, world: World, writer: int) -> None:
        os.write(writer, b"!")

    def looks(self, world: World, reader: int) -> bool:
        ready, _, _ = select.select([reader], [], [], 0)
        return bool(ready)


class Listing(shmrace.Scenario):
    """One rank makes a segment, the other lists the directory."""

    def rank(self, world: World) -> int:
        if world.rank == 1:
            return len(os.listdir("/dev/shm"))
        segment = shared_memory.SharedMemory(create=True, size=64)
        segment.close()
        segment.unlink()
        return 0


@pytest.mark.parametrize(
    ("scenario", "outcomes", "at_once"),
    [
        (CountInTheHeader, 3, BY_ITSELF),
        pytest.param(Acknowledgement, 2, (), marks=pytest.mark.reference),
        pytest.param(Listing, 2, (), marks=pytest.mark.reference),
    ],
)
def test_outcomes_are_those_of_plain_enumeration(
    scenario: type[shmrace.Scenario], outcomes: int, at_once: Collection[str]
) -> None:
    """Counted by rank 0 first, by rank 1 first, or by both at once; told in time or too late;
    listed with the segment or without."""
    every, once = enumerated(scenario(), at_once), reduced(scenario())
    assert (every.outcomes, every.classes) == (once.outcomes, once.classes)
    assert len(once.outcomes) == outcomes
    assert once.executions == len(once.classes) < every.executions
