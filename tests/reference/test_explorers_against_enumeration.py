"""The exhaustive explorer, compared with plain enumeration on generated programs."""

import itertools

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shmrace.explorers import Dpor
from tests.support import model
from tests.support.model import Kills, Operation, Program, Run, every_class, every_interleaving
from tests.support.operations import (
    LOCKS,
    MEMORY,
    NAMES,
    SIZES,
    SWAPS,
    attach,
    barrier,
    create,
    look,
    measure,
    poll,
    read,
    receive,
    send,
    size,
    truncate,
    unlink,
    write,
)

MESSAGES = [make(other) for other in range(3) for make in (send, receive, poll)]
BARRIERS = [barrier(0, 1), barrier(0, 1, 2)]
FAMILIES = [
    [*MEMORY, *SWAPS],
    [*SWAPS, write("x", 1), read("x")],
    NAMES,
    [*LOCKS, *LOCKS, *MEMORY, *NAMES],
    [*MESSAGES, *BARRIERS, *MEMORY, *NAMES],
]


@st.composite
def programs(draw: st.DrawFn, most: int = 8) -> Program:
    """Two to four threads with so many operations together."""
    family = draw(st.sampled_from(FAMILIES))
    return draw(_threads(family, most))


def _threads(family: list[Operation], most: int) -> st.SearchStrategy[Program]:
    thread = st.lists(st.sampled_from(family), min_size=1, max_size=3)
    threads = st.lists(thread, min_size=2, max_size=4)
    return threads.filter(lambda one: sum(map(len, one)) <= most)


@st.composite
def killable_programs(draw: st.DrawFn) -> tuple[Program, Kills]:
    """With some threads that may be killed, before any operation or before one kind of them."""
    program = draw(programs(most=6))
    victims = draw(st.sets(st.integers(0, len(program) - 1), min_size=1))
    before = st.sampled_from(["", "read", "write", "attach", "unlink", "send", "barrier"])
    return program, {f"t{number}": draw(before) for number in sorted(victims)}


def somebody_waits_in_vain(program: Program) -> bool:
    """In some execution, with nobody killed."""
    pending: list[list[int]] = [[]]
    while pending:
        prefix = pending.pop()
        run = Run(program)
        for index in prefix:
            run.take(run.choices()[index])
        while choices := run.choices():
            pending += [[*prefix, other] for other in range(1, len(choices))]
            prefix = [*prefix, 0]
            run.take(choices[0])
        if any(run.standing.values()):
            return True
    return False


@settings(max_examples=60)
@given(st.one_of(programs(most=6).map(lambda one: (one, {})), killable_programs()), st.booleans())
def test_beginnings_that_go_on_as_one_lose_nothing(case: tuple[Program, Kills], kill: bool) -> None:
    """Enumeration joins beginnings of one class and one state; without that it finds the same
    classes, and as many interleavings, on any program, where threads die and where operations
    fail."""
    program, some = case
    kills, fails = (some, {}) if kill else ({}, some)
    joined = every_class(program, kills, fails=fails)
    assert joined == every_interleaving(program, kills, fails)


@settings(max_examples=400)
@given(programs())
def test_the_classes_are_those_of_plain_enumeration(program: Program) -> None:
    """On any program the explorer runs exactly the classes that brute force finds, each once."""
    explorer = Dpor()
    found = model.explore(program, explorer)
    assert set(found) == every_class(program)[0]
    assert len(found) == len(set(found))


@settings(max_examples=200)
@given(killable_programs())
def test_the_classes_with_kills_are_those_of_plain_enumeration(case: tuple[Program, Kills]) -> None:
    """Likewise where threads are killed.  Whoever waits in vain for ever is left out: such a
    thread can only be killed while somebody else still has something to do."""
    program, kills = case
    assume(not somebody_waits_in_vain(program))
    found = model.explore(program, Dpor(), kills)
    assert set(found) == every_class(program, kills)[0]
    assert len(found) == len(set(found))


@st.composite
def fallible_programs(draw: st.DrawFn) -> tuple[Program, Kills]:
    """With some threads of which one operation may fail."""
    program = draw(_threads(draw(st.sampled_from([MEMORY, NAMES, [*NAMES, *MEMORY]])), most=6))
    victims = draw(st.sets(st.integers(0, len(program) - 1), min_size=1))
    which = st.sampled_from(["", "read", "write", "attach", "unlink"])
    return program, {f"t{number}": draw(which) for number in sorted(victims)}


@settings(max_examples=200)
@given(fallible_programs())
def test_the_classes_with_failing_operations_are_those_of_plain_enumeration(
    case: tuple[Program, Kills],
) -> None:
    """Likewise where an operation fails and its thread goes on."""
    program, fails = case
    found = model.explore(program, Dpor(), fails=fails)
    assert set(found) == every_class(program, fails=fails)[0]
    assert len(found) == len(set(found))


@settings(max_examples=200)
@given(_threads([*NAMES, *SIZES], most=7))
def test_no_class_is_lost_where_an_outcome_decides_what_is_touched(program: Program) -> None:
    """A truncation touches the size only if it finds the name.  No class is lost, though one may
    be run twice."""
    assert set(model.explore(program, Dpor())) == every_class(program)[0]


TURNS = [
    unlink("s"),
    create("s"),
    measure("s"),
    look("s"),
    truncate("s", 1),
    size("s", 2),
    size("s", 3),
]
"""What finds the name or not, and what uses a descriptor whatever became of the name."""


def test_no_class_is_lost_in_any_order_of_four_turns_that_stray() -> None:
    """Each actor makes one of seven turns.  A look by name touches the size only if it comes before
    the unlink, so what it touches is not known before it was seen on both sides.  Of 9,360 classes
    468 are run twice."""
    executions = classes = 0
    for four in itertools.permutations(TURNS, 4):
        program = [[one] for one in four]
        ran = model.explore(program, Dpor())
        assert set(ran) == every_class(program)[0], [one.label for one in four]
        executions, classes = executions + len(ran), classes + len(set(ran))
    assert (executions, classes) == (9828, 9360)


def test_what_nobody_writes_makes_no_turn_stray() -> None:
    """Two actors unlink eagerly, and one of them touches the directory only if it succeeds: nothing
    lists the directory, so each class is run once, and none is given up."""
    explorer = Dpor()
    program = [[attach("s"), unlink("s")] for _ in range(3)]
    found = model.explore(program, explorer)
    assert (len(found), len(set(found)), explorer.blocked) == (12, 12, 0)


def test_no_class_is_lost_in_orders_of_five_turns_that_stray() -> None:
    """To leave out what an execution begins with that was run lost classes here, and in no order
    of four."""
    for five in list(itertools.permutations(TURNS, 5))[::12]:
        program = [[one] for one in five]
        ran = model.explore(program, Dpor())
        assert set(ran) == every_class(program)[0], [one.label for one in five]
