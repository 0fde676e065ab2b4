"""The programs by which explorers are measured."""

import pytest

from shmrace.explorers import EXPLORERS, Dpor
from shmrace.tools.bench_programs import Program, execute, lastzero, rate, readers


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("program", "count"),
    [
        (readers(6), 64),
        (lastzero(5), 64),
        pytest.param(lastzero(15), 147456, marks=pytest.mark.reference),
    ],
)
def test_they_have_as_many_classes_as_in_the_literature(program: Program, count: int) -> None:
    explorer = Dpor()
    found = 0
    while explorer.begin():
        assert execute(program, explorer), "an execution was given up"
        found += 1
    assert found == count


@pytest.mark.parametrize("name", EXPLORERS)
def test_each_explorer_can_be_measured(name: str) -> None:
    assert rate(EXPLORERS[name], readers(3), 0.01) > 0
