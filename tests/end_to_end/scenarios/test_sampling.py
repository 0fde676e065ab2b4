"""Samplers find the bugs of the catalogue, whatever the seed."""

import pytest

from shmrace import explorers
from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.session import Session
from shmrace.explorers import Point
from shmrace.judgement.execution import Execution
from shmrace.scenario import loading
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search

SAMPLERS = ["walk", "urw", "pct", "pos", "portfolio"]
BUGS = {
    "sglang-eager": {"missing-segment", "double-unlink"},
    "sglang-deferred": {"missing-segment"},
}
MOST = 200  # executions


def executions_until(kinds: set[str], session: Session, explorer: str, seed: int) -> int:
    """How many executions the explorer needs to meet findings of all these kinds."""
    chooser = explorers.make(explorer, seed)

    def choose(execution: EngineExecution) -> int | None:
        return chooser.choose(Point(execution.choices(), execution.turns))

    missing = set(kinds)
    for number in range(1, MOST + 1):
        assert chooser.begin()
        execution = session.run(choose)
        chooser.finish(execution.turns, execution.pending())
        missing -= {breach.kind for breach in Execution(execution).breaches()}
        if not missing:
            return number
    return MOST + 1


@pytest.mark.parametrize("seeds", [3, pytest.param(10, marks=pytest.mark.reference)])
@pytest.mark.parametrize("name", BUGS)
def test_each_sampler_finds_every_kind_within_200_executions_from_each_seed(
    name: str, seeds: int
) -> None:
    """From three seeds in each run, and from ten with `-m reference`."""
    with Session(loading.load(name)(ranks=3)) as session:
        needed = {
            (explorer, seed): executions_until(BUGS[name], session, explorer, seed)
            for explorer in SAMPLERS
            for seed in range(seeds)
        }
    assert max(needed.values()) <= MOST, needed
    assert {explorer for explorer, _ in needed} == set(SAMPLERS)


FEWEST_PREEMPTIONS = {"missing-segment": 0, "double-unlink": 1}
"""A rank that unlinks twice must have attached before the other unlinks, and then be overtaken."""


@pytest.mark.parametrize("explorer", SAMPLERS)
@pytest.mark.parametrize("name", BUGS)
def test_a_search_with_a_sampler_ends_with_the_fewest_preemptions(name: str, explorer: str) -> None:
    verdict = Search(
        loading.load(name)(ranks=3),
        SearchOptions.parse(
            explorer=explorer, budget=Budget(executions=MOST), seed=7, counts=False
        ),
    ).run()
    (finding,) = verdict.findings
    assert finding.kind in BUGS[name]
    assert finding.preemptions == FEWEST_PREEMPTIONS[finding.kind]
    assert verdict.racing_pairs is not None
