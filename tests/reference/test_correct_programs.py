"""Random programs that are free of faults by construction: each of them passes.

`python -m tests correct --help` does the same for other seeds and budgets.
"""

import pytest

from tests.support.correct_programs.generator import Program, program
from tests.support.correct_programs.judged import Judged, judged, shrunk
from tests.support.correct_programs.player import IDIOMS, Player, Steps, Use, idiom

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")

SECONDS = 5.0


@pytest.mark.parametrize("seed", range(8))
def test_a_program_that_is_right_passes(seed: int) -> None:
    found = judged(program(seed), SECONDS, executions=3)
    assert not found.wrong, f"{found}\n{found.wrong}"


@pytest.mark.long
@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(500))
def test_500_programs_that_are_right_pass(seed: int) -> None:
    found = judged(program(seed), 10.0, executions=20)
    assert not found.wrong, f"{found}\n{found.wrong}"


def test_a_program_follows_from_its_seed_alone() -> None:
    assert [program(seed) for seed in range(50)] == [program(seed) for seed in range(50)]
    assert len({str(program(seed)) for seed in range(50)}) == 50


def test_every_idiom_is_drawn_with_each_of_its_options() -> None:
    drawn = {
        (use.idiom, key, repr(value))
        for seed in range(4000)
        for use in program(seed).uses
        for key, value in (("", ""), *use.options)
        if key != "seed"
    }
    for name, one in IDIOMS.items():
        assert (name, "", "''") in drawn
        for key, values in one.options.items():
            if key != "seed":
                assert {(name, key, repr(value)) for value in values} <= drawn


def test_only_what_is_allowed_is_drawn() -> None:
    allowed = {"published", "walked"}
    assert {use.idiom for seed in range(50) for use in program(seed, allowed).uses} == allowed


def test_what_is_wrong_is_told_and_the_program_made_smaller() -> None:
    """Here one idiom of two raises; that is found, and the other one is left out."""

    @idiom(1)
    def wrong(p: Player) -> Steps:
        yield
        raise AssertionError("as intended")

    try:
        uses = (Use("on_its_own", "a", (0,), (("how", "calls"), ("rounds", 1), ("anew", False))),
                Use("wrong", "b", (0,)))  # fmt: skip
        found = judged(Program(0, 2, uses, (1, 0, 1)), SECONDS, 3)
        assert found.kind == "assertion"
        assert "as intended" in found.wrong

        def judge(smaller: Program) -> Judged:
            holds = any(use.idiom == "wrong" for use in smaller.uses)
            return Judged(smaller, "assertion: as intended" if holds else "", 0.0)

        small = shrunk(Judged(found.program, "assertion: as intended", 0.0), judge).program
        assert small == Program(0, 1, (uses[1],), ())
    finally:
        del IDIOMS["wrong"]
