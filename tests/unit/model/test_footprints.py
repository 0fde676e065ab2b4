"""The whole table of footprints: for each operation and outcome, what a step reads and writes.

In the second column r reads, u updates and w writes an object of the segment or name that the
operation is about: N its name, N2 the second name, F the folder on the way, D the list of names,
S size, B bytes, L links, L2 links of the segment that is pushed out, A attributes.
"""

import pytest

from shmrace.model.effect import Effect
from shmrace.model.footprints import accesses_of
from shmrace.model.objects import (
    DIRECTORY,
    Accesses,
    Mode,
    Object,
    ObjectKind,
    dependent,
    with_everything,
)

MINE, OTHER = (1, 7), (1, 8)

OBJECTS = {
    "N": Object(ObjectKind.NAME, ("f/a",)),
    "N2": Object(ObjectKind.NAME, ("b",)),
    "F": Object(ObjectKind.NAME, ("f",)),
    "D": DIRECTORY,
    "S": Object(ObjectKind.SIZE, ("mine",)),
    "B": Object(ObjectKind.BYTES, ("mine",)),
    "L": Object(ObjectKind.LINKS, ("mine",)),
    "L2": Object(ObjectKind.LINKS, ("other",)),
    "A": Object(ObjectKind.ATTRIBUTES, ("mine",)),
}
MODES = {"r": Mode.READ, "u": Mode.UPDATE, "w": Mode.WRITE}


def about(kind: str, error: str = "", **more: object) -> Effect:
    """An operation on the name f/a, which means the segment."""
    return Effect(kind, error, ("f/a",), MINE, through=("f",), **more)  # type: ignore[arg-type]


def on(kind: str, error: str = "", **more: object) -> Effect:
    """An operation on the segment through a descriptor."""
    return Effect(kind, error, inode=MINE, **more)  # type: ignore[arg-type]


def to(kind: str, error: str = "", **more: object) -> Effect:
    """An operation that gives the segment a second name."""
    return Effect(kind, error, ("f/a", "b"), MINE, through=("f",), **more)  # type: ignore[arg-type]


TABLE = [
    (about("create"), "wN rF uD"),
    (about("create", "EEXIST"), "rN rF"),
    (about("create", "failed"), "rN rF"),
    (about("attach"), "rN rF rA"),
    (about("attach", truncates=True), "rN rF wS wB rA"),
    (Effect("attach", "ENOENT", ("f/a",), through=("f",)), "rN rF"),
    (about("unlink"), "wN rF uD uL"),
    (about("unlink", lists=True), "wN rF uD rD uL"),
    (about("unlink", "failed", lists=True), "rN rF rD"),
    (Effect("unlink", "ENOENT", ("f/a",), through=("f",)), "rN rF"),
    (to("rename"), "wN wN2 rF uD uL"),
    (to("rename", replaced=OTHER), "wN wN2 rF uD uL uL2"),
    (to("rename", "EEXIST"), "rN rN2 rF"),
    (to("link"), "wN wN2 rF uD uL"),
    (to("link", "EEXIST"), "rN rN2 rF"),
    (about("truncate", size=1), "rN rF wS wB rA"),
    (about("truncate", "failed"), "rN rF rA"),
    (about("change"), "rN rF wA"),
    (about("look"), "rN rF rS rL rA"),
    (about("look", lists=True), "rN rF rS rL rA rD"),
    (about("access"), "rN rF rA"),
    (about("readlink"), "rN rF rA"),
    (Effect("look", "ENOENT", ("f/a",), through=("f",)), "rN rF"),
    (Effect("through", through=("f",)), "rF"),
    (Effect("list"), "rD"),
    (on("size", size=1), "wS wB"),
    (on("size", "failed", size=1), "rS"),
    (on("reserve", size=1), "wS wB"),
    (on("stat"), "rS rL rA"),
    (on("seek"), "rS"),
    (on("map"), "rS"),
    (on("read"), "rS rB"),
    (on("write", size=1), "rS rB uA"),
    (on("write", size=1, written=(MINE,), resized=((MINE, 1),)), "rS rB uA wB wS"),
    (on("change"), "wA"),
    (Effect("barrier"), ""),
    (Effect("barrier", held=(MINE,)), "rB"),
    (Effect("barrier", held=(MINE,), written=(MINE,)), "rB wB"),
    (Effect("barrier", resized=((MINE, 1),)), "wS"),
    (Effect("attach", "injected", ("f/a",), through=("f",)), "rF"),
]


def touched(effect: Effect) -> Accesses:
    return accesses_of(
        effect, lambda name: (name,), lambda inode: {MINE: "mine", OTHER: "other"}[inode]
    )


@pytest.mark.parametrize(("effect", "expected"), TABLE)
def test_a_step_reads_and_writes_what_the_table_says(effect: Effect, expected: str) -> None:
    wanted = {(OBJECTS[word[1:]], MODES[word[0]]) for word in expected.split()}
    assert touched(effect) == wanted


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (about("unlink"), on("stat"), True),  # the link count
        (to("link"), on("stat"), True),
        (to("rename", replaced=MINE), on("stat"), True),
        (to("rename"), Effect("list"), True),
        (to("link"), Effect("list"), True),
        (to("link"), Effect("attach", "ENOENT", ("b",)), True),
        (
            about("unlink", "failed", lists=True),
            Effect("unlink", names=("f/b",), inode=OTHER),
            True,
        ),
        (about("change"), about("attach"), True),
        (on("write", size=1), on("stat"), True),  # the time of the last change
        (on("write", size=1), on("write", size=1), False),
        (about("attach"), on("stat"), False),
        (about("attach", truncates=True), on("stat"), True),
        (about("access"), on("size", size=1), False),
        (about("look"), on("size", size=1), True),
    ],
)
def test_two_steps_depend_on_each_other_where_one_notices_the_other(
    first: Effect, second: Effect, expected: bool
) -> None:
    assert dependent(touched(first), touched(second)) is expected
    assert dependent(touched(second), touched(first)) is expected


def test_an_opaque_turn_depends_on_every_other_and_known_turns_do_not() -> None:
    opaque = with_everything([(Object(ObjectKind.EVERYTHING), Mode.WRITE)])
    known = with_everything([])
    assert dependent(opaque, known)
    assert dependent(opaque, opaque)
    assert not dependent(known, known)
