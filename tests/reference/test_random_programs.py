"""Random programs over real processes: whatever any search of one meets, the complete one meets.

Each program is searched completely by the reduction, by plain enumeration as far as that goes, and
by drawn schedules.  `python -m tests differential --help` does the same for other seeds.
"""

from typing import Any

import pytest

import shmrace
from shmrace.explorers import Dpor
from shmrace.explorers.footprint import Event
from tests.support.random_programs.cases import case_of
from tests.support.random_programs.comparison import Comparison, Finding, Kind, compared
from tests.support.random_programs.features import INSTRUCTIONS, Feature
from tests.support.random_programs.generator import program
from tests.support.random_programs.program import Instruction, Program
from tests.support.random_programs.searches import Bounds
from tests.support.random_programs.shrinker import shrunk
from tests.support.random_programs.source import class_text

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")

SHORT = Bounds(reduced=300, plain=30, drawn=10, seconds=60.0)

RACE = Program(
    -1,
    ranks=(
        (
            Instruction("os.listdir(SHM)", Feature.LISTINGS),
            Instruction("p.open(0, A, os.O_RDWR | os.O_CREAT)", Feature.FILES),
        ),
        (
            Instruction("p.world.checkpoint('before')", Feature.FILES),
            Instruction("p.open(0, A, os.O_RDWR)", Feature.FILES),
        ),
    ),
)
"""The second rank finds the name, or does not."""


class Blind(Dpor):
    """A reduction that takes every race for none."""

    def _reverse(self, earlier: int, last: Event) -> None:
        pass


def _faults(found: Comparison) -> str:
    return "\n\n".join(case_of(found, one) for one in found.found)


@pytest.mark.parametrize("seed", range(8))
def test_a_complete_search_misses_nothing(seed: int) -> None:
    found = compared(program(seed), SHORT)
    assert not found.found, _faults(found)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(500))
def test_a_complete_search_misses_nothing_in_500_programs(seed: int) -> None:
    found = compared(program(seed), Bounds())
    assert not found.found, _faults(found)


def test_a_program_has_all_its_outcomes_and_each_class_once() -> None:
    found = compared(RACE, SHORT)
    assert (found.found, found.complete) == ([], True)
    assert (found.executions, found.classes, found.outcomes) == (2, 2, 2)


def test_a_reduction_that_sees_no_race_is_found_out() -> None:
    found = compared(RACE, SHORT, Blind)
    assert found.kinds == (Kind.MISSED_OUTCOME,)
    assert "1 of 2 were missed" in found.found[0].text


def test_a_case_that_is_written_of_it_shows_by_itself_what_was_missed() -> None:
    """It needs nothing of this suite, and its `check` fails for this outcome alone."""
    found = compared(RACE, SHORT, Blind)
    text = case_of(found, found.found[0])
    assert "tests." not in text
    module: dict[str, Any] = {"__name__": "case"}
    exec(compile(text, "case.py", "exec"), module)
    missed = found.found[0].schedule
    assert missed is not None
    (breach,) = shmrace.run(module["Drawn"], missed).unaccepted()
    assert breach.kind == "invariant"
    assert shmrace.run(module["Drawn"]).unaccepted() == []


def test_a_program_follows_from_its_seed_alone() -> None:
    assert [program(seed) for seed in range(50)] == [program(seed) for seed in range(50)]
    assert len({class_text(program(seed)) for seed in range(50)}) == 50


def test_every_feature_is_drawn() -> None:
    drawn = {one for seed in range(2000) for one in program(seed).features}
    assert {feature for feature in Feature if INSTRUCTIONS[feature]} <= drawn
    assert {fault for seed in range(500) for fault in program(seed).faults} == {
        "kill@rank*", "EACCES:attach",
    }  # fmt: skip


def test_what_is_not_allowed_is_not_drawn() -> None:
    allowed = {Feature.LINKS, Feature.FILES, Feature.BARRIERS}
    assert {one for seed in range(50) for one in program(seed, [Feature.LINKS]).features} <= allowed


def test_a_program_is_made_smaller_as_long_as_the_same_is_found() -> None:
    """Here it is found in whatever holds an unlink."""

    def compare(smaller: Program, bounds: Bounds) -> Comparison:
        holds = any("unlink" in one.text for body in smaller.ranks for one in body)
        return Comparison(smaller, found=[Finding(Kind.TWICE, "")] if holds else [])

    large = next(
        one for one in map(program, range(100)) if compare(one, SHORT).found and one.size > 9
    )
    small = shrunk(compare(large, SHORT), Kind.TWICE, SHORT, compare=compare).program
    assert [len(body) for body in (*small.ranks, *small.children)].count(1) == 1
    assert (len(small.ranks), small.faults, small.checkpoints) == (1, (), False)
    assert "unlink" in small.ranks[0][0].text
