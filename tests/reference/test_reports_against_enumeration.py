"""What a report says of a random failing program is so, as plain enumeration shows.

`python -m tests reports --help` does the same for other seeds.
"""

import os
from dataclasses import replace

import pytest

import shmrace
from shmrace.explain.frequency import Counts
from shmrace.model.explanation import Explanation, Fix, Frequency
from tests.support.random_programs import reports
from tests.support.random_programs.reports import Enumerated, Ran, checked
from tests.support.short_verdict import FINDING

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


@pytest.mark.parametrize("seed", [0, 3, 51, 53, 101, 150, 152, 154])
def test_a_report_is_so(seed: int) -> None:
    found = checked(seed, most=100)
    assert found.kind and not found.wrong, found.wrong


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(240))
def test_the_reports_on_200_failing_programs_are_so(seed: int) -> None:
    found = checked(seed)
    assert not found.wrong, found.wrong


MISSED = (("rank0", "unlink", 1), ("rank1", "attach", 1))
"""The racing pair of `FINDING`: rank1 attaches what rank0 has unlinked."""


def whole(*found: bool, both_orders: bool = True) -> Enumerated:
    """A class for each: does it show the finding?"""
    like = reports._likeness(FINDING)
    classes = {
        str(number): Ran(
            frozenset({like} if one else ()),
            ("missing-segment",) if one else (),
            MISSED if one or not both_orders else MISSED[::-1],
            frozenset({MISSED} if one else ()),
        )
        for number, one in enumerate(found)
    }
    return Enumerated(complete=True, classes=classes)


def often(found: int, schedules: int) -> Explanation:
    return Explanation(frequency=Frequency(found, schedules, all_run=True))


@pytest.mark.parametrize(
    ("told", "wrong"),
    [((1, 2), []), ((2, 2), ["2 of 2 are 1 of 2"]), ((1, 3), ["1 of 3 are 1 of 2"])],
)
def test_a_wrong_count_would_be_found(told: tuple[int, int], wrong: list[str]) -> None:
    finding = replace(FINDING, explanation=often(*told))
    assert list(reports._counts(finding, whole(True, False))) == wrong


def test_a_count_that_is_left_out_would_be_found() -> None:
    assert Counts().frequency is None
    assert list(reports._counts(FINDING, whole(True, False))) == ["it is not told"]


def test_a_pair_that_does_not_race_would_be_found() -> None:
    """It has one order in each schedule; or it has two, and is called ordered."""
    finding = replace(FINDING, explanation=often(1, 2))
    assert list(reports._pair(finding, whole(True, False))) == []
    assert list(reports._pair(finding, whole(True, False, both_orders=False))) == [
        "rank1.attach never comes before rank0.unlink"
    ]
    in_order = replace(FINDING, explanation=replace(often(1, 2), in_order=True))
    assert list(reports._pair(in_order, whole(True, False))) == [
        "rank1.attach may come before rank0.unlink"
    ]


class Misses(shmrace.Scenario):
    ranks = 2

    def rank(self, world: shmrace.World) -> None:
        if world.rank == 0:
            os.close(os.open("/dev/shm/a", os.O_RDWR | os.O_CREAT))
            os.unlink("/dev/shm/a")
        else:
            os.close(os.open("/dev/shm/a", os.O_RDONLY))


def test_an_order_that_does_not_help_would_be_found() -> None:
    """rank1 must come between create and unlink: to wait for the create alone is not enough."""
    fixes = {
        "helps": (("rank0.unlink", "rank1.attach"), ("rank1.attach", "rank0.create")),
        "too little": (("rank1.attach", "rank0.create"),),
    }
    said = {}
    for name, orders in fixes.items():
        explanation = Explanation(fix=Fix("", orders, 1, True))
        finding = replace(FINDING, explanation=explanation)
        said[name] = list(reports._fix(finding, Misses(), 100))
    assert said["helps"] == []
    assert len(said["too little"]) == 1
    assert "fail: ('missing-segment',)" in str(said["too little"][0])


def test_a_schedule_that_is_not_the_simplest_would_be_found() -> None:
    """One preemption is told, and none is needed."""
    finding = replace(FINDING, preemptions=1)
    (said,) = reports._simplest(finding, Misses(), (), 100)
    assert said == "0 faults and 1 preemptions are shown, and at most 0 with 0 faults do"
