"""Searches with a bound on delays or preemptions."""

import pytest

from shmrace.explorers import Bounded
from tests.support import model
from tests.support.model import Program, every_class
from tests.support.operations import increment, local, read, write

WRITERS: Program = [[write("x", number)] for number in range(6)]
DELAYS = [1, 6, 20, 49, 98, 169, 259, 360]


@pytest.mark.parametrize(("bound", "count"), list(enumerate(DELAYS)))
def test_six_writers_with_so_many_delays(bound: int, count: int) -> None:
    """Concuerror's counts: the permutations of six with at most so many inversions."""
    explorer = Bounded(preemptions=None, delays=bound)
    found = model.explore(WRITERS, explorer)
    assert len(found) == len(set(found)) == count
    assert not explorer.complete


TWICE: Program = [[increment("x"), increment("x")] for _ in range(2)]


@pytest.mark.parametrize(("bound", "count"), [(0, 2), (1, 4), (2, 6)])
def test_two_threads_of_two_increments_with_so_many_preemptions(bound: int, count: int) -> None:
    """aabb, bbaa; with one more: abba, baab; with two: abab, baba."""
    found = model.explore(TWICE, Bounded(preemptions=bound))
    assert len(found) == len(set(found)) == count


def test_readers_need_no_preemption() -> None:
    """Whoever has ended makes room for anybody, so all 64 classes come without a preemption.
    Concuerror prints 1, 2, 8, 23, 43, 58, 64 for bounds 0 to 6: it counts what its own search
    order spends, and may lose schedules within the bound."""
    program: Program = [[write("x", 1)], *[[local(), read("x")] for _ in range(6)]]
    assert len(set(model.explore(program, Bounded(preemptions=0)))) == 64


def test_without_a_bound_every_interleaving_is_run() -> None:
    program: Program = [[write("x", 1), read("y")], [write("y", 1), read("x")], [read("x")]]
    classes, interleavings = every_class(program)
    found = model.explore(program, Bounded(preemptions=None))
    assert (set(found), len(found)) == (classes, interleavings)


def test_faults_cost_nothing() -> None:
    """One thread of two operations: a kill before either, or none."""
    found = model.explore([[write("x", 1), write("x", 2)]], Bounded(preemptions=0), {"t0": ""})
    assert len(found) == 3
