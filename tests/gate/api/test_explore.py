"""Searching, replaying, and stepping by hand, through the public names."""

import contextlib
import os
import time
from multiprocessing import shared_memory
from pathlib import Path
from typing import Any

import pytest
import torch

import shmrace
from shmrace.errors import UsageError
from shmrace.model.token import parse
from shmrace.scenario import loading
from shmrace.search.progress import Progress
from shmrace.search.search import Search

DEFERRED = loading.load("sglang-deferred")
BARRIER = loading.load("sglang-deferred-barrier")


def test_one_interleaving_in_words() -> None:
    """The sender, then rank 0 to its end, then rank 1: the segment is gone."""
    with shmrace.begin(DEFERRED(ranks=2)) as execution:
        execution.advance("sender")
        execution.advance("rank0")
        execution.advance("rank1", until="attach")
        assert execution.ledger.linked() == []
    with pytest.raises(shmrace.MissingSegment):
        execution.check()


def test_an_order_finds_the_race_and_its_reverse_passes() -> None:
    lost = shmrace.run(DEFERRED(ranks=2), shmrace.order("rank0.unlink", "rank1.attach"))
    with pytest.raises(shmrace.MissingSegment):
        lost.check()
    shmrace.run(DEFERRED(ranks=2), shmrace.order("rank1.attach", "rank0.unlink")).check()


def test_an_order_that_cannot_be_kept_says_so() -> None:
    with pytest.raises(UsageError, match="the order cannot be kept"):
        shmrace.run(BARRIER(ranks=2), shmrace.order("rank0.unlink", "rank1.attach"))


def test_stepping_an_actor_that_cannot_go_on_says_who_can() -> None:
    with shmrace.begin(DEFERRED(ranks=2)) as execution:
        execution.advance("rank1")
        with pytest.raises(UsageError, match="rank1 cannot go on now; sender, rank0 can"):
            execution.step("rank1")
        with pytest.raises(UsageError, match="no actor 'rank7'; there are: sender, rank0, rank1"):
            execution.step("rank7")


def test_an_outsider_may_unlink() -> None:
    with shmrace.begin(BARRIER(ranks=2)) as execution:
        execution.advance("sender")
        execution.unlink("seg0")
    (finding,) = execution.findings
    assert finding.message.startswith("outsider unlinks seg0 before rank0 attaches it")


def test_a_schedule_of_any_integers_runs() -> None:
    first = shmrace.run(BARRIER(ranks=2), [7, 0, 3, 99, 1]).check()
    again = shmrace.run(BARRIER(ranks=2), first.schedule).check()
    assert [step.signature for step in first.trace] == [step.signature for step in again.trace]


def test_the_simplest_schedule_of_the_race_is_the_empty_one() -> None:
    """Shrunk from whatever the random walk met first: nobody has to be interrupted."""
    verdict = shmrace.explore(DEFERRED, explorer="walk", seed=3)
    (finding,) = verdict.findings
    assert finding.schedule == shmrace.Schedule()
    assert finding.preemptions == 0


def test_accepted_findings_are_counted_and_never_hidden() -> None:
    class Tolerant(DEFERRED):  # type: ignore[misc,valid-type]
        def accept(self, finding: shmrace.Finding, execution: shmrace.Execution) -> bool:
            return finding.kind == "missing-segment"

    verdict = shmrace.explore(Tolerant(ranks=2))
    assert verdict.status == "pass"
    assert verdict.accepted == {"missing-segment": 1}


def test_a_failed_check_is_an_invariant_broken() -> None:
    class Wrong(BARRIER):  # type: ignore[misc,valid-type]
        def check(self, execution: shmrace.Execution) -> None:
            assert execution.results["rank0"] == 17, "not what was sent"

    with pytest.raises(
        shmrace.InvariantBroken, match=r"check failed \(test_explore.py:91\): not what"
    ):
        shmrace.explore(Wrong(ranks=2)).check()


def test_code_that_differs_from_run_to_run_is_called_nondeterministic(tmp_path: Path) -> None:
    """A file outside counts the executions: every second one takes a step more."""
    counter = tmp_path / "counter"
    counter.write_text("")

    class Fickle(BARRIER):  # type: ignore[misc,valid-type]
        def sender(self, world: shmrace.World) -> None:
            with counter.open("a") as file:
                file.write("x")
            if counter.stat().st_size % 2:
                world.checkpoint("every second time")
            super().sender(world)

    verdict = shmrace.explore(Fickle(ranks=2))
    assert verdict.status == "inconclusive"
    (finding,) = verdict.findings
    assert finding.step is not None
    differing = finding.trace[finding.step]
    assert (differing.number, differing.actor) == (len(finding.trace), "sender")
    assert finding.message.startswith(
        f"the same decisions gave another step {differing.number}: sender.{differing.operation}"
    )


def test_ranks_that_talk_through_a_file_depend_on_each_other(tmp_path: Path) -> None:
    """Rank 1 keeps the segment only if it reads the word that rank 0 writes to a plain file: no
    operation on the segment tells the two orders apart."""
    word = tmp_path / "word"

    class Files(shmrace.Scenario):
        def rank(self, world: shmrace.World) -> None:
            if world.rank == 0:
                word.write_text("keep")
                world.checkpoint("written")
                return
            segment = shared_memory.SharedMemory(create=True, size=8)
            segment.close()
            if word.read_text() != "keep":
                segment.unlink()
            word.write_text("")

    word.write_text("")
    verdict = shmrace.explore(Files)
    assert [finding.kind for finding in verdict.findings] == ["leak"]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"explorer": "guess"}, "unknown explorer 'guess': there are dpor, bounded"),
        ({"seed": 3}, "the explorer dpor has no use for a seed"),
        ({"budget": "soon"}, "'soon' is not a budget"),
        (
            {"budget": "2 preemptions"},
            "the explorer dpor bounds no preemptions and no delays; bounded",
        ),
        ({"explorer": "walk", "budget": "1 delay"}, "the explorer walk bounds no preemptions"),
        ({"jobs": 2}, "one search uses one core"),
        ({"max_faults": 2}, "max_faults needs faults"),
        ({"max_faults": 0}, "max_faults must be at least 1"),
        ({"faults": ["burn"]}, "unknown fault 'burn'"),
    ],
)
def test_options_that_make_no_sense_are_refused(more: dict[str, object], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        shmrace.explore(BARRIER, **more)  # type: ignore[arg-type]


def test_a_bounded_search_never_says_complete() -> None:
    verdict = shmrace.explore(BARRIER, budget="2 executions")
    assert (verdict.status, verdict.complete, verdict.executions) == ("pass", False, 2)


def test_a_search_within_bounds_says_what_it_ran() -> None:
    verdict = shmrace.explore(BARRIER(ranks=2), explorer="bounded", budget="0 preemptions, 60s")
    assert (verdict.status, verdict.complete, verdict.trace_classes) == ("pass", False, 1)
    assert verdict.note == "ran every schedule with at most 0 preemptions"


def test_progress_is_told_while_it_works() -> None:
    told: list[int] = []
    Search(BARRIER(ranks=2), watcher=lambda one: told.append(one.executions)).run()
    assert told[:2] == [1, 2]


def test_an_interrupt_ends_the_search_with_what_it_has() -> None:
    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Search(BARRIER(ranks=2), watcher=interrupt).run()
    verdict = Search(BARRIER(ranks=2), watcher=interrupt, interruptible=True).run()
    assert (verdict.status, verdict.executions) == ("inconclusive", 1)
    assert verdict.reason == "interrupted before the search was over"


def test_no_descriptor_stays_open_behind_a_search() -> None:
    before = len(os.listdir("/proc/self/fd"))
    shmrace.explore(DEFERRED(ranks=2))
    shmrace.run(BARRIER(ranks=2)).check()
    with contextlib.suppress(ZeroDivisionError), shmrace.begin(BARRIER(ranks=2)) as execution:
        execution.step("sender")
        raise ZeroDivisionError
    assert len(os.listdir("/proc/self/fd")) == before


def test_parameters_that_json_does_not_know_are_reported_and_replayed() -> None:
    """A finding is worth more than its token."""

    class Typed(DEFERRED):  # type: ignore[valid-type,misc]
        dtype = torch.float32
        odd: object = None

    (finding,) = shmrace.explore(Typed(dtype=torch.int8)).findings
    assert parse(finding.token).parameters == (("dtype", torch.int8),)
    (finding,) = shmrace.explore(Typed(odd=object())).findings
    assert (finding.kind, finding.token) == ("missing-segment", "")


def test_an_instance_keeps_what_is_no_parameter_when_it_starts_over() -> None:
    class Asks(shmrace.Scenario):
        _mode = 1

        def rank(self, world: shmrace.World) -> None:
            segment = shared_memory.SharedMemory(create=True, size=8)
            segment.close()
            segment.unlink()
            os.kill(os.getppid(), 0)
            assert self._mode == 1

    mine = Asks(ranks=1)
    mine._mode = 2
    assert [finding.kind for finding in shmrace.explore(mine).findings] == ["assertion"]
    with pytest.raises(shmrace.ActorAssertion):
        shmrace.run(mine).check()


def test_a_token_of_other_parameters_is_refused() -> None:
    (finding,) = shmrace.explore(DEFERRED(ranks=2)).findings
    assert shmrace.run(DEFERRED, finding.token).findings
    with pytest.raises(UsageError, match=r"this token has ranks=.* for SglangDeferred, not"):
        shmrace.run(DEFERRED(ranks=4), finding.token)


@pytest.mark.parametrize("schedule", [5, None, ["a"], [1.5, "x"], [-1]])
def test_what_is_no_schedule_is_refused(schedule: Any) -> None:
    with pytest.raises(UsageError, match="is not a schedule: give integers of at least 0"):
        shmrace.run(BARRIER, schedule)


def test_an_endless_retry_is_a_livelock_and_no_pass() -> None:
    """Rank 2 waits for a name that never comes."""

    class Retries(shmrace.Scenario):
        ranks = 3

        def rank(self, world: shmrace.World) -> None:
            if world.rank == 0:
                segment = shared_memory.SharedMemory("comes", create=True, size=8)
                segment.close()
                segment.unlink()
            while world.rank == 2 and not os.path.exists("/dev/shm/never"):
                time.sleep(1)

    verdict = shmrace.explore(Retries, budget="40 executions")
    assert verdict.findings[0].race is shmrace.Livelock
    assert verdict.findings[0].actor == "rank2"
    assert "bounded-retries" not in verdict.assumes


def test_outside_an_actor_a_checkpoint_does_nothing() -> None:
    shmrace.checkpoint("here")


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"faults": None}, r"faults must be a list, as in \['kill@rank\*'\], not None"),
        ({"faults": [3]}, "unknown fault 3: there is kill"),
        ({"explorer": "walk", "seed": "x"}, "seed must be a whole number, not 'x'"),
    ],
)
def test_what_cannot_be_searched_is_refused_before_anything_runs(
    search: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        shmrace.explore(DEFERRED, **search)


def test_an_execution_to_be_stepped_is_entered_first() -> None:
    with pytest.raises(UsageError, match=r"with shmrace.begin\(...\) as execution: .advance"):
        shmrace.begin(DEFERRED).advance("sender")
