"""Lines as gates: races in shared memory itself, where there is no system call."""

from multiprocessing import shared_memory
from typing import Any

import pytest

import shmrace
from shmrace.errors import UsageError
from shmrace.model.verdict import Verdict
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search


class Counts(shmrace.Scenario):
    """Two ranks that increment a number in a segment: a load, and a store on the next line."""

    ranks = 2

    def sender(self, world: shmrace.World) -> int:
        segment = shared_memory.SharedMemory("counter", create=True, size=64)
        for rank in range(self.ranks):
            world.send(f"rank{rank}", segment.name)
        for rank in range(self.ranks):
            world.recv(f"rank{rank}")
        assert segment.buf is not None
        count = segment.buf[0]
        segment.close()
        segment.unlink()
        return count

    def rank(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory(world.recv("sender"))
        assert segment.buf is not None
        count = segment.buf[0]
        segment.buf[0] = count + 1
        segment.close()
        world.send("sender", "done")

    def check(self, execution: shmrace.Execution) -> None:
        assert execution.results["sender"] == self.ranks, "an increment was lost"


def search(explorer: str = "dpor", **parameters: Any) -> Verdict:
    return Search(
        Counts(**parameters), SearchOptions.parse(explorer=explorer, budget=Budget(60, 400))
    ).run()


def test_between_gates_no_increment_is_lost_and_the_verdict_says_what_it_assumes() -> None:
    verdict = search()
    assert (verdict.status, verdict.complete) == ("pass", True)
    assert verdict.assumes == ("data-races",)


def test_with_lines_as_gates_an_increment_is_lost_by_one_preemption() -> None:
    """rank0 loads, rank1 loads and stores, rank0 stores."""
    verdict = search(preempt="lines", preempt_modules=(__name__,))
    (finding,) = verdict.findings
    assert (finding.kind, finding.preemptions) == ("invariant", 1)
    assert finding.message.endswith("an increment was lost")
    preempted = next(step.index for step in finding.trace if step.preempts) - 1
    assert finding.trace[preempted].operation == "line"  # between the load and the store
    assert not verdict.complete


def test_a_pass_with_lines_as_gates_is_never_complete() -> None:
    verdict = search(ranks=1, preempt="lines")  # of the module in which the scenario is
    assert (verdict.status, verdict.complete) == ("pass", False)
    assert "python-gate" in verdict.assumes


def test_modules_without_lines_as_gates_are_refused() -> None:
    with pytest.raises(UsageError, match="preempt_modules needs preempt='lines'"):
        Counts(preempt_modules=("mylib",))
    with pytest.raises(UsageError, match="preempt must be one of operations, lines"):
        Counts(preempt="words")
