"""A finding is shown by the simplest execution that shows it."""

import os

import pytest

import shmrace
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search

PATH = "/dev/shm/a"


class Between(shmrace.Scenario):
    """Rank 1 must look between two steps of rank 0, so rank 0 has to be interrupted once."""

    def rank(self, world: shmrace.World) -> None:
        if world.rank == 0:
            descriptor = os.open(PATH, os.O_CREAT | os.O_RDWR)
            os.write(descriptor, b"born")
            for number in range(4):
                world.checkpoint(f"while it is there {number}")
            os.unlink(PATH)
            os.close(descriptor)
        else:
            world.checkpoint("before")
            assert not os.path.exists(PATH)


@pytest.mark.parametrize("explorer", ["dpor", "bounded", "walk", "urw", "pct", "pos", "portfolio"])
def test_whoever_found_it_one_preemption_is_left(explorer: str) -> None:
    """rank 0 makes the file, rank 1 runs to its end, rank 0 goes on."""
    search = Search(
        Between(), SearchOptions.parse(explorer=explorer, budget=Budget(executions=300))
    )
    (finding,) = search.run().findings
    assert finding.kind == "assertion"
    assert (finding.preemptions, finding.faults) == (1, ())
    assert [step.operation for step in finding.trace if step.actor == "rank1"][-3:] == [
        "look", "end", "exit",
    ]  # fmt: skip
