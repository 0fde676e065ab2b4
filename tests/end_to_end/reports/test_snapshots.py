"""The reports of five scenarios, word for word, and the rules that each of them keeps.

Each scenario is searched once.
"""

import dataclasses
import functools
import json as standard_json
import re

import pytest

import shmrace
from shmrace.model.explanation import Move
from shmrace.model.verdict import Finding, Verdict
from shmrace.reports.formats import json, text
from tests.support.serving import Serve
from tests.support.snapshots import CASES, DIRECTORY, shown

pytestmark = pytest.mark.timeout(180)


@functools.cache
def verdict_of(name: str) -> Verdict:
    return CASES[name].verdict()


def report_of(name: str) -> list[str]:
    return text.report(verdict_of(name)).splitlines()


def finding_of(name: str) -> Finding:
    return verdict_of(name).findings[0]


@pytest.mark.parametrize("name", CASES)
def test_the_report_is_as_it_was(name: str) -> None:
    """``python -m tests.support.snapshots`` writes them anew; look at what differs."""
    expected = (DIRECTORY / f"{name}.txt").read_text(encoding="ascii")
    assert shown(verdict_of(name)) == expected


@pytest.mark.parametrize("name", CASES)
def test_the_first_line_is_the_whole_story_in_plain_words(name: str) -> None:
    """Rule 1: it is the first line of the error, too, and nothing above the last line is jargon."""
    lines = report_of(name)
    assert lines[0].startswith(f"{finding_of(name).kind}: ")
    with pytest.raises(shmrace.RaceFound) as failure:
        verdict_of(name).check()
    assert str(failure.value).splitlines()[0] == lines[0]
    assert not re.search(r"trace class|dpor|mazurkiewicz", "\n".join(lines[:-2]).lower())


@pytest.mark.parametrize("name", CASES)
def test_the_report_is_ascii_and_at_most_a_hundred_columns_wide(name: str) -> None:
    """But for its first line, which is the whole story and never cut, and lines to paste."""
    lines = [line for line in report_of(name) if not line.startswith("  REPLAY")]
    assert "\n".join(lines).isascii()
    assert [line for line in lines[1:-2] if len(line) > 100] == []


def test_the_racing_pair_shows_the_users_frames_alone() -> None:
    """Rule 2: the innermost first, the call that both share in one line; source text below each."""
    lines = report_of("relayed")
    pair = lines[lines.index("  THESE TWO RACE") + 1 :][:7]
    assert "rank0   unlink seg0" in pair[0] and "rank1   attach seg0: gone" in pair[0]
    assert "materialize" in pair[1] and "__setstate__" in pair[1]
    assert pair[5].count("recv_requests") == 2
    assert "unwrap_shm_features(pointer)" in pair[6] and "broadcast_pyobj(world)" in pair[6]
    assert "shared_memory.py" not in "\n".join(lines)


def test_an_order_is_suggested_only_if_it_was_kept_and_all_schedules_passed() -> None:
    """Rule 3: between the lines that both stacks share; the fixed code passes as often."""
    fix = finding_of("relayed").explanation.fix
    assert fix is not None and fix.all_run
    assert fix.text == (
        "rank0, rank1 and rank2 must wait for each other between lines 69 and 73 of"
        " recv_requests, serving.py."
    )
    passed = shmrace.explore(Serve(barrier=True))
    assert (passed.status, passed.trace_classes) == ("pass", fix.schedules)
    for name in ("killed", "twice", "waits", "eager"):
        assert [one for one in verdict_of(name).findings if one.explanation.fix] == []


@pytest.mark.parametrize("name", CASES)
def test_the_table_marks_the_racing_pair(name: str) -> None:
    """Rule 4: one row each; those of pathological length are tested with made ones."""
    for finding in verdict_of(name).findings:
        told = text.report(dataclasses.replace(verdict_of(name), findings=(finding,)))
        marked = [line for line in told.splitlines() if line.startswith("  ! ")]
        assert len(marked) == (2 if finding.racing else 0)


def test_who_failed_for_the_same_reason_stands_under_its_root() -> None:
    """Rule 5: three actors fail, and there is one finding."""
    (finding,) = verdict_of("relayed").findings
    assert any(line.startswith("rank2 fails as rank1 did") for line in finding.consequences)
    assert any(line.startswith("  AND THEN  rank2 fails") for line in report_of("relayed"))


def test_how_often_it_happens_is_told_and_counted_honestly() -> None:
    """Rule 6: some of all schedules; all of them, which is no race; with a death and without."""
    verdict = verdict_of("relayed")
    assert (verdict.executions, verdict.trace_classes, verdict.complete) == (8, 8, True)
    assert any(line.startswith("  5 of 8 distinct schedules fail") for line in report_of("relayed"))
    assert "  THESE TWO COLLIDE" in report_of("twice")
    assert any("a plain bug, not a race." in line for line in report_of("twice"))
    with_death = "  15 of 39 distinct schedules with a death fail like this, 0 of 4 without one"
    assert any(line.startswith(with_death) for line in report_of("killed"))


def test_another_search_prints_the_same_bytes() -> None:
    """Rule 7: but for the seconds in its last line."""
    again = text.report(CASES["relayed"].verdict()).splitlines()
    assert again[:-1] == report_of("relayed")[:-1]


def test_the_lines_by_hand_lead_to_the_finding_when_they_are_pasted() -> None:
    """Rule 8: as text, in a block of `begin`."""
    lines = report_of("relayed")
    first = next(at for at, line in enumerate(lines) if line.startswith("  BY HAND   "))
    pasted = [line[12:] for line in lines[first : first + 3]]
    with shmrace.begin(Serve()) as execution:
        exec("\n".join(pasted), {"execution": execution})
    with pytest.raises(shmrace.MissingSegment) as failure:
        execution.check()
    assert str(failure.value).splitlines()[0] == lines[0]
    assert finding_of("killed").explanation.by_hand == (Move("sender"), Move("rank0", kill=True))


def test_what_an_actor_prints_stands_behind_the_step_in_which_it_did() -> None:
    """Rule 9: with its tabs and signs made plain, 20 lines of it at most."""
    lines = report_of("relayed")
    place = next(at for at, line in enumerate(lines) if "rank 0 unwraps" in line)
    assert lines[place].startswith('      "  ')
    assert lines[place + 1].startswith("  !  17") and "broadcast" in lines[place - 2]
    said = [line for line in report_of("waits") if "rank 0 says" in line]
    assert len(said) == 20 and said[0].endswith(r"0: \u2603")
    assert any("(5 more lines)" in line for line in report_of("waits"))
    printed = [line for step in finding_of("waits").trace for line in step.printed]
    assert len(printed) == 26


def test_a_leak_behind_a_death_tells_who_could_have_unlinked_and_which_deaths_leak() -> None:
    told = finding_of("killed").explanation
    assert dict(told.unlinkers)["rank1"] == (
        "never attached it; its unlink (deferred.py:25) was never reached: it raised PeerDied in"
        " recv (sglang_deferred.py:36)"
    )
    assert told.death_map is not None
    victims = {victim: dict(zip(told.death_map.operations, row, strict=True))
               for victim, row in told.death_map.rows}  # fmt: skip
    assert victims["rank0"]["attach"].found == victims["rank0"]["attach"].deaths > 0
    assert victims["rank1"]["unlink"].found == 0 < victims["rank1"]["unlink"].deaths
    assert sum(cell.deaths for row in victims.values() for cell in row.values()) == 39


def test_json_has_what_the_text_tells() -> None:
    (finding,) = standard_json.loads(json.report(verdict_of("relayed")))["findings"]
    assert finding["frequency"] == {
        "found": 5, "schedules": 8, "all_run": True, "found_with_death": 0, "with_death": 0,
        "images": False, "apart": True,
    }  # fmt: skip
    assert finding["fix"]["schedules"] == 3 and finding["why"]
    assert finding["by_hand"][0] == 'execution.advance("sender")'
    assert ["sent to rank 0"] in [step["printed"] for step in finding["trace"]]
