"""The exhaustive explorer, held against reference counts and against brute force."""

from math import factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shmrace.explorers import Dpor
from tests.explorers import model
from tests.explorers.model import (
    Thread,
    attach,
    create,
    every_class,
    increment,
    lock,
    read,
    receive,
    send,
    swap,
    unlink,
    unlock,
    write,
)


def classes(program: list[Thread]) -> int:
    """How many classes the explorer finds, after checking that it finds none twice."""
    explorer = Dpor()
    found = model.explore(program, explorer)
    assert explorer.complete
    assert len(found) == len(set(found)), "a trace class was run twice"
    return len(found)


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_readers_and_one_writer_make_two_to_the_n(n: int) -> None:
    """readers(2): w r1 r2, r1 w r2, r2 w r1, r1 r2 w; counts of GenMC, Nidhugg and Concuerror."""
    assert classes([[write("x", 1)], *[[read("x")] for _ in range(n)]]) == 2**n


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_atomic_increments_make_n_factorial(n: int) -> None:
    """ainc of GenMC: every order of the increments is a class of its own."""
    assert classes([[increment("x")] for _ in range(n)]) == factorial(n)


@pytest.mark.parametrize(("n", "count"), [(2, 4), (3, 36)])
def test_read_then_write_makes_n_factorial_squared(n: int, count: int) -> None:
    """inc of GenMC: each thread reads x and then writes it."""
    assert classes([[read("x"), write("x")] for _ in range(n)]) == count


@pytest.mark.parametrize(("n", "count"), [(2, 2), (3, 5), (4, 14), (5, 43)])
def test_a_failed_swap_only_reads(n: int, count: int) -> None:
    """casrot of GenMC: thread i swaps x from i to i+1, so most swaps fail."""
    assert classes([[swap("x", i, i + 1)] for i in range(n)]) == count


@pytest.mark.parametrize(("n", "count"), [(2, 5), (3, 13), (4, 33)])
def test_one_of_n_swaps_succeeds(n: int, count: int) -> None:
    """wcas of GenMC: a write of 2 against n swaps from 2 to 3."""
    assert classes([[write("x", 2)], *[[swap("x", 2, 3)] for _ in range(n)]]) == count


@pytest.mark.parametrize("n", [2, 3, 4])
def test_locks_are_taken_in_every_order(n: int) -> None:
    """lockinc of GenMC: lock, increment, unlock; the order of the locks decides all."""
    program: list[Thread] = [[lock("l"), increment("x"), unlock("l")] for _ in range(n)]
    assert classes(program) == factorial(n)


def test_store_buffering_has_three_classes() -> None:
    """(w1 r2) before (w2 r1), the other way round, or both writes first."""
    assert classes([[write("x", 1), read("y")], [write("y", 1), read("x")]]) == 3


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_an_owner_that_unlinks_while_n_attach_makes_two_to_the_n(n: int) -> None:
    """Each attach comes before the unlink or after it, whatever the others do."""
    assert classes([[unlink("s")], *[[attach("s")] for _ in range(n)]]) == 2**n


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_eager_unlinks_make_n_times_two_to_the_n_minus_one(n: int) -> None:
    """n threads attach and unlink; the first unlink decides who finds the segment."""
    assert classes([[attach("s"), unlink("s")] for _ in range(n)]) == n * 2 ** (n - 1)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_n_creators_with_exclusion_make_n_classes(n: int) -> None:
    """Only who is first matters: the others find that it exists."""
    assert classes([[create("s")] for _ in range(n)]) == n


@pytest.mark.parametrize(("n", "count"), [(2, 3), (3, 8), (4, 20)])
def test_a_deferred_unlink_over_a_relay(n: int, count: int) -> None:
    """Rank 0 attaches, sends, unlinks; the others receive, attach, unlink; no barrier."""
    relay = [attach("s"), *[send(rank) for rank in range(1, n)], unlink("s")]
    peers: list[Thread] = [[receive(0), attach("s"), unlink("s")] for _ in range(1, n)]
    assert classes([relay, *peers]) == count


def test_a_lock_that_is_waited_for_in_vain_is_checked_for_races() -> None:
    """t0 takes the lock and waits for a message that never comes; or t1 takes it first."""
    program: list[Thread] = [
        [lock("l"), receive(1), attach("s"), unlock("l")],
        [lock("l"), attach("s"), unlock("l")],
    ]
    assert classes(program) == len(every_class(program)[0]) == 2


operations = st.sampled_from(
    [
        *[make(name) for name in ("x", "y") for make in (read, write, increment)],
        *[make("s") for make in (create, attach, unlink)],
        swap("x", 0, 1),
        *[send(number) for number in range(3)],
    ]
)


@st.composite
def programs(draw: st.DrawFn) -> list[Thread]:
    """Two to three threads of up to three operations; some receive, some hold a lock."""
    threads: list[Thread] = []
    for _ in range(draw(st.integers(2, 3))):
        body = draw(st.lists(operations, min_size=1, max_size=3))
        if draw(st.booleans()) and len(body) < 3:
            body = [*body, receive(draw(st.integers(0, 2)))]
        elif draw(st.booleans()):
            body = [lock("l"), *body[:2], unlock("l")]
            if draw(st.booleans()):
                body.insert(draw(st.integers(1, 2)), receive(draw(st.integers(0, 2))))
        threads.append(body)
    return threads


@settings(max_examples=200, deadline=None, derandomize=True)
@given(programs())
def test_the_classes_are_those_of_plain_enumeration(program: list[Thread]) -> None:
    """On any program the explorer finds exactly the classes that brute force finds."""
    explorer = Dpor()
    assert set(model.explore(program, explorer)) == every_class(program)[0]
