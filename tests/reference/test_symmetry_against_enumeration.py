"""Symmetry among threads, compared with plain enumeration on generated programs."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.model import Did, Operation, Program, Run, State, Thread
from tests.support.operations import LOCKS, MEMORY, NAMES, SIZES, SWAPS, barrier, read, write
from tests.support.orbits import orbits, threads

FAMILIES = [
    [*MEMORY, *SWAPS],
    [*SWAPS, write("x", 1), read("x")],
    NAMES,
    [*NAMES, *SIZES],
    [*LOCKS, *LOCKS, *MEMORY, *NAMES],
]


def asks_who_it_is() -> Operation:
    def perform(run: Run, me: str) -> Did:
        return "ok", []

    return Operation("rank", perform)


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
