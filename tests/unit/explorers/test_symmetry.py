"""Symmetry among threads: how many trace classes are left up to permutations of the threads."""

import pytest

from tests.support.model_programs import counted
from tests.support.operations import attach, create, increment, read, swap, unlink, write
from tests.support.orbits import orbits, threads


@pytest.mark.parametrize("n", [2, 3, 4])
def test_eager_unlinks_differ_by_how_many_come_too_late(n: int) -> None:
    """n instead of n * 2^(n-1): whoever unlinks first, none to n - 1 of the others attach later."""
    assert orbits([[attach("s"), unlink("s")]] * n, threads(n)) == (n, n)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_of_n_creators_any_one_is_first(n: int) -> None:
    assert orbits([[create("s")]] * n, threads(n)) == (1, 1)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_increments_in_any_order_are_one(n: int) -> None:
    assert orbits([[increment("x")]] * n, threads(n)) == (1, 1)


@pytest.mark.parametrize(("n", "least"), [(2, 2), (3, 6)])
def test_read_then_write_makes_n_factorial(n: int, least: int) -> None:
    """(n!)^2 classes, each the image of n! others."""
    assert orbits([[read("x"), write("x")]] * n, threads(n)) == (least, least)


def test_a_turn_that_was_foreseen_to_fail_is_not_covered_by_an_image() -> None:
    """The fourth thread's swap fails where it was seen first, and succeeds before all others: an
    image of a failed swap, which only reads, seems independent of it."""
    thread = [swap("y", 1, 2), swap("y", 0, 1)]
    assert orbits([thread, thread, thread, [swap("y", 0, 1)]], threads(3)) == (14, 14)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_fewest_are_not_always_reached(n: int) -> None:
    """The last of n to decrement a reference count unlinks: one class up to permutations, of n!.
    Here each thread is once the last but one to open; prefixes that are not symmetric lead to
    executions that are images of each other."""
    least, ran = orbits(counted(n, atomic=True), threads(n))
    assert (least, ran) == (1, n)
