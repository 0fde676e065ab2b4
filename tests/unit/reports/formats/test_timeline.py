"""Rows, lives and the geometry of a timeline, on records made by hand."""

from dataclasses import replace
from typing import Any

import pytest

from shmrace.model.objects import Mode, bytes_of, name_of
from shmrace.model.trace import Step
from shmrace.reports.formats.timeline import MOST_ROWS, timeline
from shmrace.reports.formats.timeline_shapes import Line
from shmrace.reports.lifetimes import Holding, lifetimes
from shmrace.reports.steps import Gap, Row, nearest, rows
from tests.support.verdicts import FINDING, changed, on, step, trace


def shown(steps: tuple[Step, ...], racing: tuple[int, ...] = ()) -> list[tuple[str, str, str]]:
    return [(row.number, row.actor, row.words) for row in rows(steps, racing)]


def test_repetitions_and_dull_steps_share_a_row_and_a_racing_one_has_its_own() -> None:
    assert shown(trace(), (12, 15)) == [
        ("1", "sender", "start"),
        ("2", "sender", "create seg0"),
        ("3", "sender", "size seg0 = 64 B"),
        ("4", "sender", "map seg0"),
        ("5", "sender", "broadcast -> rank0, rank1"),
        ("6", "sender", "exit"),
        ("7", "rank0", "recv <- sender"),
        ("8", "rank0", "attach seg0"),
        ("9", "rank0", "map seg0"),
        ("10-11", "rank1", "sleep x 2"),
        ("12", "rank0", "checkpoint"),
        ("13", "rank0", "unlink seg0"),
        ("14", "rank0", "exit"),
        ("15", "rank1", "recv <- sender"),
        ("16", "rank1", "attach seg0: GONE"),
        ("17", "rank1", "raises FileNotFoundError"),
        ("18", "rank1", "exit"),
    ]
    dull = tuple(step(at, "a", what) for at, what in enumerate(("stat", "stat", "map", "exit")))
    assert shown(dull) == [("1-4", "a", "stat, map, exit")]


@pytest.mark.parametrize(
    ("outcome", "more", "words"),
    [
        ("killed", {"operation": "kill", "detail": "before map"}, "KILLED before map"),
        ("PeerDied", {"operation": "barrier", "detail": "rank2 is dead"}, "barrier: rank2 is dead"),
        ("ENOSPC", {"operation": "size", "segment": "seg0"}, "size seg0: ENOSPC"),
    ],
)
def test_a_failure_is_said_in_words(outcome: str, more: dict[str, Any], words: str) -> None:
    assert rows([Step(0, "a", outcome=outcome, **more)], ())[0].words == words


def test_of_too_many_rows_those_nearest_to_the_race_are_shown() -> None:
    many = tuple(step(at, "a", "unlink", name=f"seg{at}") for at in range(90))
    kept = nearest(rows(many, (50,)), 11)
    assert kept[0] == Gap(45)
    assert kept[-1] == Gap(34)
    assert [row.number for row in kept if isinstance(row, Row)] == [
        str(number) for number in range(46, 57)
    ]
    last = nearest(rows(many, ()), 3)
    assert last[0] == Gap(87) and len(last) == 4


def test_a_life_runs_from_creation_to_unlink_and_a_hold_until_its_actor_lets_go() -> None:
    """The sender's last step that holds it is the map, rank0's the checkpoint."""
    (life,) = lifetimes(trace())
    assert (life.label, life.created, life.unlinked, life.left) == ("seg0", 1, 12, False)
    assert life.holdings == (Holding("sender", 1, 3), Holding("rank0", 7, 11))
    assert life.last_held == 11


def test_a_segment_with_two_names_ends_with_the_second_and_one_without_is_not_left() -> None:
    steps = [
        step(0, "a", "create", name="seg0", **on()),
        step(1, "a", "link", name="seg0", **on()),
        step(2, "a", "unlink", name="seg0", **on()),
        step(3, "a", "create", **on("seg1")),
        step(4, "b", "map", accesses=frozenset({(bytes_of("sender#1"), Mode.READ)}), **on("seg1")),
    ]
    named, nameless = lifetimes(steps)
    assert named.left
    assert not nameless.left
    (ended, _) = lifetimes([*steps, step(5, "a", "unlink", name="seg0", **on())])
    assert ended.unlinked == 5


def test_a_rename_over_a_segment_takes_its_name() -> None:
    pushes = frozenset({(name_of("@sender#1"), Mode.WRITE), (name_of("@sender#0"), Mode.WRITE)})
    first, second = lifetimes(
        [
            step(0, "a", "create", name="seg0", **on()),
            step(1, "a", "create", name="seg1", **on("seg1")),
            step(2, "b", "rename", name="seg1", accesses=pushes, **on("seg1")),
        ]
    )
    assert first.unlinked == 2
    assert second.left


def test_the_picture_has_a_lane_for_each_actor_a_bar_for_each_segment_and_marks_the_pair() -> None:
    picture = timeline(FINDING)
    assert picture is not None
    assert [lane.actor for lane in picture.lanes] == ["sender", "rank0", "rank1"]
    x = {lane.actor: lane.x for lane in picture.lanes}
    assert all(mark.x == x[mark.row.actor] for mark in picture.marks)
    heights = [mark.y for mark in picture.marks]
    assert heights == sorted(set(heights))
    y = {step.number: mark.y for mark in picture.marks for step in mark.row.steps}
    (bar,) = picture.bars
    assert (bar.top, bar.bottom, bar.left) == (y[2], y[13], False)
    assert bar.said == (
        "seg0: created at step 2; unlinked at step 13; held by sender from step 2 to 4;"
        " held by rank0 from step 8 to 12"
    )
    races = [mark for mark in picture.marks if "race" in mark.kind.split()]
    assert [mark.row.number for mark in races] == ["13", "16"]
    assert races[0].notes == ("races with step 16, rank1: attach seg0: GONE",)
    assert picture.chosen is races[0]
    assert Line("race", x["rank0"], y[13], x["rank1"], y[16]) in picture.lines
    assert Line("message", x["sender"], y[5], x["rank1"], y[15]) in picture.lines
    assert Line("preempts", x["rank1"], y[10], x["rank0"], y[12]) in picture.lines
    (interrupting, _) = [mark for mark in picture.marks if "preempts" in mark.kind.split()]
    assert interrupting.notes == ("the actor before was interrupted here",)


def test_a_segment_that_is_left_has_a_bar_down_to_the_end() -> None:
    steps = tuple(one for one in trace() if one.operation != "unlink")
    steps = tuple(replace(one, index=index, after=()) for index, one in enumerate(steps))
    picture = timeline(changed(FINDING, trace=steps, racing=None, step=None))
    assert picture is not None
    (bar,) = picture.bars
    assert bar.left
    assert bar.bottom > max(mark.y for mark in picture.marks)


def test_a_long_trace_is_cut_and_says_so_and_an_empty_one_has_no_picture() -> None:
    assert timeline(replace(FINDING, trace=())) is None
    steps = tuple(step(at, f"a{at % 2}", "unlink", name=f"seg{at}") for at in range(1000))
    picture = timeline(changed(FINDING, trace=steps, racing=(10, 900), step=900))
    assert picture is not None
    assert len(picture.marks) == MOST_ROWS
    assert sum(rows for _, rows in picture.gaps) == 1000 - MOST_ROWS
    assert [mark.row.number for mark in picture.marks if mark.row.racing] == ["11", "901"]
