"""What is told of those who could have unlinked a segment that is left."""

import os
from multiprocessing import shared_memory

import pytest

import shmrace


class Alone(shmrace.Scenario):
    """One creator; what it does is a parameter."""

    does = "closes"

    @shmrace.actor()
    def creator(self, world: shmrace.World) -> None:
        if self.does == "writes":
            descriptor = os.open("/dev/shm/x", os.O_RDWR | os.O_CREAT)
            os.write(descriptor, b"x" * 24)
            os.close(descriptor)
        elif self.does == "keeps":
            self.kept = os.open("/dev/shm/x", os.O_RDWR | os.O_CREAT)
        elif self.does == "unmaps late":
            segment = shared_memory.SharedMemory("x", create=True, size=24)
            world.checkpoint("has it")
            segment.close()
        else:
            shared_memory.SharedMemory("x", create=True, size=24).close()


ONLY = "does not unlink it in the only schedule that was run"


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("closes", "created it, and closed it before step 7"),
        ("writes", "created it, and closed it before step 4"),
        ("keeps", "created it, and held it until its end"),
        ("unmaps late", "created it, and closed it before step 8"),
    ],
)
def test_who_has_closed_it_holds_it_no_more(does: str, said: str) -> None:
    (finding,) = shmrace.explore(Alone(does=does, start="fork")).findings
    assert finding.explanation.unlinkers == (("creator", f"{said}; {ONLY}"),)


class Held(shmrace.Scenario):
    @shmrace.actor()
    def creator(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory("x", create=True, size=24)
        world.checkpoint("holds it")
        segment.close()
        world.checkpoint("has closed it")
        segment.unlink()


@pytest.mark.parametrize(
    ("checkpoints", "said"),
    [
        (0, "was killed at step 7; created it, and held it until then"),
        (1, "was killed at step 8; created it, and closed it before step 8"),
    ],
)
def test_who_was_killed_held_it_or_had_closed_it(checkpoints: int, said: str) -> None:
    with shmrace.begin(Held) as execution:
        execution.advance("creator", until="checkpoint")
        for _ in range(checkpoints):
            execution.step("creator")
        execution.kill("creator")
    (finding,) = execution.findings
    assert finding.explanation.unlinkers == (("creator", said),)


def load(segment: shared_memory.SharedMemory) -> int:
    assert segment.buf is not None
    return segment.buf[0]


def store(segment: shared_memory.SharedMemory, count: int) -> None:
    assert segment.buf is not None
    segment.buf[0] = count


class LastOne(shmrace.Scenario):
    """Whoever finds the count at 1 unlinks; who has lost a count does not."""

    ranks = 2

    def sender(self, world: shmrace.World) -> str:
        segment = shared_memory.SharedMemory(create=True, size=64)
        store(segment, self.ranks)
        segment.close()
        return segment.name

    def rank(self, world: shmrace.World, name: str) -> None:
        segment = shared_memory.SharedMemory(name)
        left = load(segment) - 1
        world.checkpoint("loaded")
        store(segment, left)
        segment.close()
        if left == 0:
            segment.unlink()


def test_who_unlinks_it_in_another_schedule_is_told_how_often() -> None:
    """In each of the schedules without a leak one of the two unlinks it."""
    (finding,) = shmrace.explore(LastOne).findings
    assert finding.kind == "leak"
    often = finding.explanation.frequency
    assert often is not None and often.all_run
    told = dict(finding.explanation.unlinkers)
    assert told["sender"] == (
        f"created it, and closed it before step 7; unlinks it in none of all {often.schedules}"
        " distinct schedules"
    )
    counts = []
    for rank in ("rank0", "rank1"):
        assert "whatever" not in told[rank]
        _, _, rest = told[rank].partition("unlinks it in ")
        counts.append(int(rest.split()[0]) if rest else None)
    assert None in counts  # one of them unlinks it in the execution without preemptions
    assert next(one for one in counts if one is not None) > 0
