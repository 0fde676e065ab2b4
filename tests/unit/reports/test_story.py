"""What a report tells in words."""

from dataclasses import replace

from shmrace.errors import Leak
from shmrace.explain.deaths import END
from shmrace.model.explanation import DeathCell, DeathMap, Explanation, Frequency
from shmrace.model.schedule import Choice
from shmrace.model.verdict import Door, Finding, Verdict
from shmrace.reports.story import Paragraph, frequency, story
from tests.support.short_verdict import FINDING, VERDICT
from tests.support.verdicts import called, changed


def paragraphs(finding: Finding = FINDING, verdict: Verdict = VERDICT) -> dict[str, Paragraph]:
    return {one.heading: one for one in story(verdict, finding)}


def within(door: Door) -> Verdict:
    return replace(VERDICT, subject=replace(VERDICT.subject, door=door))


def test_how_often_is_told_by_what_is_known() -> None:
    assert frequency(Frequency(10, 22, True)) == (
        "10 of 22 distinct schedules fail like this (all were run)."
    )
    assert frequency(Frequency(3, 41, False)) == (
        "At least 3 of 41 distinct schedules fail like this."
    )
    assert frequency(Frequency(22, 22, True)) == (
        "Every schedule fails like this (all 22 were run): a plain bug, not a race."
    )
    assert frequency(Frequency(4, 4, False)) == (
        "Each of the 4 distinct schedules that were run fails like this."
    )
    assert frequency(Frequency(18, 86, True, 18, 70), with_faults=True) == (
        "18 of 70 distinct schedules with a death fail like this, 0 of 16 without one (all were"
        " run)."
    )
    assert frequency(None) == ""


def test_in_pytest_the_lines_to_paste_name_the_test() -> None:
    verdict = within(Door("a/test_b.py::test_c[x y]", "reports"))
    told = paragraphs(verdict=verdict)
    assert told["REPLAY"].lines == (
        'pytest "a/test_b.py::test_c[x y]" --shmrace-replay sr1-abc-def',
    )
    assert told["DEBUG"].lines[0].startswith("... --shmrace-pdb rank1 ")
    assert told["MORE"].lines == ("reports",)
    odd = within(Door("test_b.py::test_c[$x]"))
    replay = "pytest 'test_b.py::test_c[$x]' --shmrace-replay sr1-abc-def"
    assert paragraphs(verdict=odd)["REPLAY"].lines == (replay,)


def test_a_class_that_only_its_test_can_reach_is_replayed_from_there() -> None:
    verdict = called(VERDICT, "Local")
    verdict = replace(verdict, subject=replace(verdict.subject, within_reach=False))
    told = paragraphs(verdict=verdict)
    assert told["REPLAY"].lines == ('shmrace.run(Local, "sr1-abc-def").check()',)
    assert "DEBUG" not in told


def test_nothing_follows_from_a_map_of_deaths_in_which_only_the_end_is_safe() -> None:
    rows = (("rank0", (DeathCell(2, 0, 2), DeathCell(0, 0, 2))),)
    leak = changed(
        FINDING, race=Leak, strikes=(Choice("rank0", "attach", "kill"),),
        explanation=Explanation(death_map=DeathMap(("attach", END), rows)),
    )  # fmt: skip
    assert paragraphs(leak)["WHERE A DEATH LEAKS"].lines == (
        f"killed before  attach  {END}",
        "rank0          LEAK    ok",
    )


def leak_map(cells: dict[str, DeathCell], all_run: bool = True) -> tuple[str, ...]:
    """The lines of the map of rank0's deaths."""
    leak = changed(
        FINDING, race=Leak, strikes=(Choice("rank0", "attach", "kill"),),
        explanation=Explanation(
            death_map=DeathMap(tuple(cells), (("rank0", tuple(cells.values())),), all_run)
        ),
    )  # fmt: skip
    return paragraphs(leak)["WHERE A DEATH LEAKS"].lines


def test_a_death_whose_leak_is_accepted_leaks_all_the_same() -> None:
    cells = {"size": DeathCell(0, 2, 2), "map": DeathCell(1, 0, 1), "unlink": DeathCell(0, 1, 2)}
    assert leak_map(cells) == (
        "killed before  size      map   unlink",
        "rank0          accepted  LEAK  1 accepted of 2",
        "accepted: it leaks there, too, and the scenario's `accept` tolerates it.",
    )
    assert leak_map({"size": DeathCell(1, 1, 3)})[1] == "rank0          1, 1 accepted of 3"


def test_nothing_follows_for_all_schedules_from_a_map_of_some() -> None:
    cells = {"size": DeathCell(1, 0, 1), "unlink": DeathCell(0, 0, 1)}
    assert leak_map(cells)[-1].startswith("So: a kill can leak seg0 only if")
    assert not leak_map(cells, all_run=False)[-1].startswith("So:")


def test_a_map_of_deaths_says_from_where_on_none_leaks() -> None:
    rows = (
        ("rank0", (DeathCell(2, 0, 2), DeathCell(1, 0, 2), DeathCell(0, 0, 3))),
        ("rank1", (DeathCell(1, 0, 1), DeathCell(), DeathCell(0, 0, 1))),
    )
    leak = changed(
        FINDING, race=Leak, strikes=(Choice("rank0", "barrier", "kill"),),
        explanation=Explanation(
            death_map=DeathMap(("attach", "barrier", "unlink"), rows),
            peers=(("rank1", "PeerDied"),),
        ),
    )  # fmt: skip
    told = paragraphs(leak)
    assert told["WHERE A DEATH LEAKS"].lines == (
        "killed before  attach  barrier  unlink",
        "rank0          LEAK    1 of 2   ok",
        "rank1          LEAK    .        ok",
        "So: a kill can leak seg0 only if it comes before the victim's unlink.",
    )
    assert told["NOT COUNTED"].lines[0].startswith("rank1 raised PeerDied because it was")
    assert told["ACCEPT IT"].lines[1].strip() == "def accept(self, finding, execution):"
    assert told[""].lines[-1] == (
        "Shown: the simplest schedule, in which rank0 is killed before its barrier, with 1"
        " preemption."
    )
