"""Symmetry among threads, held against orbits: trace classes up to permutations of the threads."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shmrace.explorers.up_to_symmetry import UpToSymmetry
from shmrace.model.trace import Turn, canonical
from tests.support import model
from tests.support.model import Did, Operation, Program, Run, State, Thread, every_class
from tests.support.model_programs import counted
from tests.support.operations import (
    LOCKS,
    MEMORY,
    NAMES,
    SIZES,
    SWAPS,
    attach,
    barrier,
    create,
    increment,
    read,
    swap,
    unlink,
    write,
)

FAMILIES = [
    [*MEMORY, *SWAPS],
    [*SWAPS, write("x", 1), read("x")],
    NAMES,
    [*NAMES, *SIZES],
    [*LOCKS, *LOCKS, *MEMORY, *NAMES],
]

Form = Callable[[Sequence[Turn]], str]


def asks_who_it_is() -> Operation:
    def perform(run: Run, me: str) -> Did:
        return "ok", []

    return Operation("rank", perform)


def up_to_permutations(peers: Sequence[str]) -> Form:
    """The least canonical form of a trace with its threads' names permuted."""

    least: dict[str, str] = {}

    def form(turns: Sequence[Turn]) -> str:
        own = canonical(turns)
        if own not in least:
            others = [dict(zip(peers, names, strict=True)) for names in permutations(peers)]
            images = ([renamed(turn, other) for turn in turns] for other in others)
            least[own] = min(map(canonical, images))
        return least[own]

    def renamed(turn: Turn, other: dict[str, str]) -> Turn:
        signature = tuple(
            (other.get(actor, actor), *rest, other.get(subject, subject))
            for actor, *rest, subject in turn.signature
        )
        return replace(
            turn, actor=other.get(turn.actor, turn.actor),
            signature=signature,  # type: ignore[arg-type]
        )  # fmt: skip

    return form


def orbits(program: Program, peers: Sequence[str]) -> tuple[int, int]:
    """How many classes up to permutations there are, and how many executions were run; every
    class that brute force finds is the image of one that was run."""
    form = up_to_permutations(peers)
    explorer = UpToSymmetry(0, [peers])
    ran = model.explore(program, explorer, form=form)
    expected = every_class(program, form=form)[0]
    assert explorer.complete
    assert set(ran) == expected
    return len(expected), len(ran)


def threads(count: int) -> list[str]:
    return [f"t{number}" for number in range(count)]


@st.composite
def symmetric_programs(draw: st.DrawFn) -> tuple[Program, list[str]]:
    """Two or three threads that do the same, and maybe one that does something else."""
    family = draw(st.sampled_from(FAMILIES))
    operations = st.sampled_from(family)
    count = draw(st.integers(2, 3))
    shared = draw(st.lists(operations, min_size=1, max_size=3 if count == 2 else 2))
    if draw(st.booleans()):
        place = draw(st.integers(0, len(shared)))
        shared.insert(place, barrier(*range(count)))
    others = draw(st.lists(st.lists(operations, min_size=1, max_size=4 - count), max_size=1))
    return [*[shared] * count, *others], threads(count)


@st.composite
def programs_that_ask(draw: st.DrawFn) -> tuple[Program, list[str]]:
    """The threads do the same until one, if it finds what it looks for, asks who it is; from then
    on each does something of its own."""
    operations = st.sampled_from(draw(st.sampled_from(FAMILIES[:3])))
    count = draw(st.integers(2, 3))
    shared = draw(st.lists(operations, min_size=1, max_size=4 - count))
    wanted = draw(st.sampled_from([None, 0, 1, True, False]))
    own = [draw(st.lists(operations, max_size=1)) for _ in range(count)]
    last = draw(st.lists(operations, max_size=1 if count == 2 else 0))

    def thread(number: int) -> Thread:
        def body(state: State, me: str) -> Iterator[Operation]:
            yield from shared
            if wanted is None or state.get(me, 0) == wanted:
                yield asks_who_it_is()
                yield from own[number]
            yield from last

        return body

    others = draw(st.lists(st.lists(operations, min_size=1, max_size=1), max_size=1))
    return [*map(thread, range(count)), *others], threads(count)


@settings(max_examples=200)
@given(symmetric_programs())
def test_every_class_is_the_image_of_one_that_was_run(case: tuple[Program, list[str]]) -> None:
    """On any program; some may be run more than once."""
    program, peers = case
    least, ran = orbits(program, peers)
    assert least <= ran


@settings(max_examples=200)
@given(programs_that_ask())
def test_who_knows_who_it_is_is_not_swapped(case: tuple[Program, list[str]]) -> None:
    """Likewise where what a thread does depends on who it is, and it asks before."""
    orbits(*case)


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
