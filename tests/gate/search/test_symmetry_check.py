"""Symmetry in real processes: how it is declared, how reading a rank ends it, how it is checked."""

import os
from collections.abc import Sequence
from multiprocessing import shared_memory
from typing import Any

import pytest

import shmrace
from shmrace.model.trace import Turn
from shmrace.model.verdict import Verdict
from shmrace.reports.formats import json, text
from shmrace.scenarios.sglang_eager import SglangEager
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search
from tests.support.orbits import up_to_permutations


def search(scenario: shmrace.Scenario, **options: Any) -> Verdict:
    return Search(
        scenario, SearchOptions.parse(budget=Budget(100), keep_going=True, **options)
    ).run()


class _Sends(shmrace.Scenario):
    """The sender makes a segment and sends its name."""

    interchangeable = True

    def sender(self, world: shmrace.World) -> str:
        segment = shared_memory.SharedMemory(create=True, size=64)
        segment.close()
        return segment.name


class LastUnlinks(_Sends):
    """The rank with the highest number unlinks: it may do so before its peers attach."""

    how = "environment"  # or "world", "setup": how a rank learns which one it is

    def setup(self, world: shmrace.World) -> None:
        self.number = world.rank if self.how == "setup" else -1

    def rank(self, world: shmrace.World, name: str) -> None:
        segment = shared_memory.SharedMemory(name=name)
        segment.close()
        if self._own_number(world) == self.ranks - 1:
            segment.unlink()

    def _own_number(self, world: shmrace.World) -> int:
        if self.how == "environment":
            return int(os.environ["RANK"])
        return self.number if self.how == "setup" else world.rank


class AllClose(_Sends):
    """The ranks attach; behind a barrier each closes and unlinks, whoever is first in earnest."""

    def rank(self, world: shmrace.World, name: str) -> None:
        segment = shared_memory.SharedMemory(name=name)
        world.barrier()
        segment.close()
        try:
            segment.unlink()
        except FileNotFoundError:
            pass


class Seen(SglangEager):
    """Keeps the turns of each execution."""

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._turns: list[Sequence[Turn]] = []

    def accept(self, finding: shmrace.Finding, execution: shmrace.Execution) -> bool:
        self._turns.append(execution.engine.turns)
        return False

    def check(self, execution: shmrace.Execution) -> None:
        self._turns.append(execution.engine.turns)


@pytest.mark.parametrize("ranks", [2, 3, pytest.param(4, marks=pytest.mark.reference)])
def test_every_class_of_eager_unlinks_is_the_image_of_one_that_was_run(ranks: int) -> None:
    """N classes up to permutations; those that are run more than once lie behind prefixes that
    are not symmetric."""
    form = up_to_permutations([f"rank{rank}" for rank in range(ranks)])
    found = []
    for interchangeable in (True, False):
        scenario = Seen(ranks=ranks, interchangeable=interchangeable)
        verdict = search(scenario)
        assert verdict.complete
        assert verdict.symmetry == interchangeable
        found.append(({form(turns) for turns in scenario._turns}, verdict.trace_classes))
    (images, fewer), (expected, all_of_them) = found
    assert images == expected
    assert len(expected) == ranks <= fewer < all_of_them == ranks * 2 ** (ranks - 1)


def test_a_pass_up_to_symmetry_assumes_what_was_declared() -> None:
    """A sample alone is run swapped, so it is no proof; without symmetry it is."""
    verdict = search(AllClose(ranks=3))
    assert (verdict.status, verdict.complete, verdict.symmetry) == ("pass", True, True)
    assert verdict.assumes == ("interchangeable",)
    alone = search(AllClose(ranks=3, interchangeable=False))
    assert alone.proof
    assert alone.trace_classes_of == alone.trace_classes > verdict.trace_classes
    assert verdict.trace_classes_of is None
    assert json.as_data(verdict)["symmetry"] is True
    assert f"{verdict.trace_classes} distinct schedules up to renaming" in text.summary(verdict)


def test_a_check_that_knows_who_is_who_judges_the_swapped_runs_too() -> None:
    """In one of two classes that differ in who is who alone, rank 2 is the first to unlink."""

    class Forbidden(_Sends):
        def rank(self, world: shmrace.World, name: str) -> str:
            try:
                os.unlink(f"/dev/shm/{name}")
            except FileNotFoundError:
                return "lost"
            return "won"

        def check(self, execution: shmrace.Execution) -> None:
            assert execution.results["rank2"] != "won"

    verdict = search(Forbidden(ranks=3))
    assert verdict.symmetry
    assert [finding.kind for finding in verdict.findings] == ["invariant"]


def test_a_rank_that_knows_its_number_behind_the_world_s_back_is_noticed() -> None:
    """Swapped, rank0 should unlink, and does not."""
    verdict = search(LastUnlinks())
    assert {finding.kind for finding in verdict.findings} == {"missing-segment"}
    assert verdict.note.startswith("explored without symmetry: rank0 and rank1 swapped, turn ")
    assert not verdict.symmetry
    alone = search(LastUnlinks(interchangeable=False))
    assert verdict.trace_classes == alone.trace_classes
    assert not alone.note


@pytest.mark.parametrize("ranks", [2, 3])
def test_asking_for_the_rank_ends_interchangeability(ranks: int) -> None:
    """It is a step, and no class is left out."""
    verdict = search(LastUnlinks(how="world", ranks=ranks))
    alone = search(LastUnlinks(how="world", ranks=ranks, interchangeable=False))
    assert {finding.kind for finding in verdict.findings} == {"missing-segment"}
    assert verdict.trace_classes == alone.trace_classes
    assert not verdict.note
    assert not verdict.symmetry
    asked = [step.actor for step in verdict.findings[0].trace if step.operation == "rank"]
    assert asked
    assert all(step.operation != "rank" for step in alone.findings[0].trace)


def test_a_setup_that_asks_for_the_rank_ends_it_for_good() -> None:
    verdict = search(LastUnlinks(how="setup"))
    assert verdict.note == "explored without symmetry: setup asks which rank it is"
    assert {finding.kind for finding in verdict.findings} == {"missing-segment"}


def test_what_is_handed_to_a_rank_does_not_tell_it_which_one_it_is() -> None:
    execution = shmrace.run(AllClose)
    assert all(step.operation != "rank" for step in execution.trace)


def test_calling_a_peer_by_its_number_tells_it_apart() -> None:
    class Numbered(AllClose):
        def rank(self, world: shmrace.World, name: str) -> None:
            world.send(1, None)
            super().rank(world, name)

    trace = shmrace.run(Numbered).trace
    told = [(step.actor, step.subject) for step in trace if step.operation == "rank"]
    assert told == [("rank0", "rank1"), ("rank1", "rank1")]


def test_there_is_no_symmetry_where_faults_may_strike() -> None:
    verdict = search(AllClose(), faults=["kill:unlink@rank*"])
    assert not verdict.symmetry


def test_only_true_and_false_are_declared() -> None:
    with pytest.raises(shmrace.UsageError, match="interchangeable must be True or False, not"):
        AllClose(interchangeable="yes")
