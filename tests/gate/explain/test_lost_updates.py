"""A finding that only bytes explain is told with its race, and with an order that helps."""

import os
from multiprocessing import shared_memory

import shmrace
from shmrace.reports.formats import text


class Count(shmrace.Scenario):
    """Each rank takes its share off a count; who comes to zero unlinks."""

    ranks = 2

    def sender(self, world: shmrace.World) -> str:
        segment = shared_memory.SharedMemory(create=True, size=64)
        assert segment.buf is not None
        segment.buf[0] = sum(range(1, self.ranks + 1))
        segment.close()
        return segment.name

    def rank(self, world: shmrace.World, name: str) -> None:
        segment = shared_memory.SharedMemory(name)
        assert segment.buf is not None
        left = segment.buf[0] - world.rank - 1
        world.checkpoint("loaded")
        segment.buf[0] = left
        segment.close()
        if left == 0:
            segment.unlink()


def test_a_lost_update_is_told_as_a_race() -> None:
    """One loads, the other stores and ends, and the first overwrites that: nobody comes to zero."""
    verdict = shmrace.explore(Count)
    (finding,) = verdict.findings
    assert (finding.kind, finding.preemptions) == ("leak", 1)
    assert finding.racing is not None
    first, second = (finding.trace[index] for index in finding.racing)
    assert {first.actor, second.actor} == {"rank0", "rank1"}
    told = finding.explanation
    assert told.why[0].startswith(f"Nothing makes {first.actor} wait for {second.actor} before")
    assert told.why[-1].startswith(f"{first.actor} changes the bytes of seg0 at step ")
    assert told.why[-1].endswith(f"it may overwrite what {second.actor} has stored.")
    assert told.fix is not None and told.fix.text.startswith(
        f"{first.actor} must wait before line "
    )
    assert "THESE TWO RACE" in text.report(verdict)


def test_no_race_on_bytes_is_told_where_the_order_makes_no_difference() -> None:
    """Both store into it, and nobody unlinks it in any schedule."""

    class Never(Count):
        def rank(self, world: shmrace.World, name: str) -> None:
            segment = shared_memory.SharedMemory(name)
            assert segment.buf is not None
            segment.buf[0] = world.rank
            segment.close()

    (finding,) = shmrace.explore(Never).findings
    assert (finding.racing, finding.explanation.fix) == (None, None)


def test_a_reader_that_comes_before_the_writer_is_told() -> None:
    """The reader's assertion fails if it looks before the bytes are there."""

    class Early(shmrace.Scenario):
        @shmrace.actor()
        def writer(self, world: shmrace.World) -> None:
            descriptor = os.open("/dev/shm/a", os.O_RDWR | os.O_CREAT)
            os.ftruncate(descriptor, 1)
            world.send("reader", 0)
            world.checkpoint("between")
            os.pwrite(descriptor, b"x", 0)
            os.close(descriptor)

        @shmrace.actor()
        def reader(self, world: shmrace.World) -> None:
            world.recv("writer")
            descriptor = os.open("/dev/shm/a", os.O_RDWR)
            os.unlink("/dev/shm/a")
            found = os.pread(descriptor, 1, 0)
            os.close(descriptor)
            assert found == b"x", "it looked too early"

    (finding,) = shmrace.explore(Early).findings
    assert finding.kind == "assertion" and finding.racing is not None
    first, second = (finding.trace[index] for index in finding.racing)
    assert (first.actor, first.operation) == ("reader", "read")
    assert (second.actor, second.operation) == ("writer", "write")
    assert finding.explanation.fix is not None
    assert finding.explanation.fix.orders == (("reader.read", "writer.write"),)
