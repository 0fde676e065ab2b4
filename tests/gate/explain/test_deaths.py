"""What is told after a death: the death is the cause, and nothing races that is in order."""

import os
import time
from multiprocessing import shared_memory

import shmrace


class Restart(shmrace.Scenario):
    """The second generation is started after the first has ended; it waits for a size."""

    @shmrace.actor()
    def supervisor(self, world: shmrace.World) -> None:
        for generation in (1, 2):
            world.spawn(self.engine, name=f"gen{generation}").join()

    def engine(self, world: shmrace.World) -> None:
        region = os.open("/dev/shm/region", os.O_RDWR | os.O_CREAT)
        if world.name == "gen1":
            os.ftruncate(region, 4096)
        deadline = time.monotonic() + 1
        while os.fstat(region).st_size < 4096:
            if time.monotonic() > deadline:
                raise TimeoutError("no size after a second")
            time.sleep(0.5)
        os.close(region)
        if world.name == "gen2":
            os.unlink("/dev/shm/region")

    def accept(self, finding: shmrace.Breach, execution: shmrace.Execution) -> bool:
        return finding.kind == "leak"


def test_a_size_that_a_dead_creator_never_gave_is_no_race() -> None:
    """gen1 is killed between create and size, is joined, and gen2 waits in vain.

    A death before the create needs less, so that the search tells gen2's exception first.
    """
    verdict = shmrace.explore(Restart, faults=["kill@gen1"])
    found = {one.kind: one for one in (*verdict.findings, *verdict.also)}
    assert sorted(found) == ["half-born-attach", "rank-error"]
    finding = found["half-born-attach"]
    assert "to which gen1 never gives a size: it was killed (" in finding.message
    assert (finding.racing, finding.explanation.why) == (None, ())


class Accepts(shmrace.Scenario):
    """A leak is accepted if the creator dies before it is up, and not after that."""

    @shmrace.actor()
    def creator(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory("x", create=True, size=24)
        world.checkpoint("up")
        segment.close()
        segment.unlink()

    def accept(self, finding: shmrace.Breach, execution: shmrace.Execution) -> bool:
        up = any(step.operation == "checkpoint" for step in execution.trace)
        return finding.kind == "leak" and not up


def test_the_map_of_deaths_tells_accepted_leaks_from_none() -> None:
    verdict = shmrace.explore(Accepts, faults=["kill@creator"])
    assert verdict.findings[0].explanation.death_map is not None
    ((victim, cells),) = verdict.findings[0].explanation.death_map.rows
    operations = verdict.findings[0].explanation.death_map.operations
    told = {
        operation: (cell.found, cell.accepted, cell.deaths)
        for operation, cell in zip(operations, cells, strict=True)
        if operation != "its end"
    }
    assert victim == "creator"
    assert told == {
        "create": (0, 0, 2), "size": (0, 1, 1), "map": (0, 3, 3), "checkpoint": (0, 1, 1),
        "unlink": (1, 0, 1),
    }  # fmt: skip
