"""Markdown for the summary of a CI job, and how it gets there."""

import re
from pathlib import Path

import pytest

from shmrace.compare.grid import Cell
from shmrace.compare.handover import Handover
from shmrace.compare.pair import Comparison
from shmrace.reports.formats import markdown
from tests.support.verdicts import FINDING, HOSTILE, PROVED, VERDICT, hostile


def test_a_failure_has_its_first_line_a_table_a_diagram_and_the_line_that_replays_it() -> None:
    lines = markdown.report(VERDICT, "test_a.py::test_it").splitlines()
    assert lines[0] == (
        "### FAIL: missing-segment: rank0 unlinks seg0 (a.py:1) before rank1 attaches it (a.py:2)"
    )
    assert lines[2] == r"In the test test\_a.py::test\_it"
    assert "| run | 3 executions, 3 distinct schedules |" in lines
    assert lines[lines.index("```mermaid") + 1] == "sequenceDiagram"
    assert lines[-3:] == ["shmrace replay case.py:Case sr1-abc-def", "```", ""]


def test_a_pass_says_what_it_rests_on_and_has_no_diagram() -> None:
    text = markdown.report(PROVED)
    assert text.startswith("### ok: proved: no finding; all 3 distinct schedules run\n")
    assert "and nothing is assumed." in text
    assert "mermaid" not in text


def test_no_name_ends_a_fence_or_begins_a_tag(tmp_path: Path) -> None:
    text = markdown.report(hostile(tmp_path), HOSTILE)
    outside = re.sub(r"^(`{3,})\w+\n.*?^\1$", "", text, flags=re.M | re.S)
    assert not re.search(r"(?<!\\)[<`]", outside)
    assert text.count("\n```mermaid\n") == 1
    rows = [line for line in outside.splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)


def test_a_comparison_is_a_table_with_the_diagram_of_what_fails_first() -> None:
    cells = [
        Cell(Handover(lifecycle="deferred", transport="relay"), VERDICT),
        Cell(Handover(lifecycle="inline", transport="relay"), PROVED),
        Cell(Handover(lifecycle="inline", transport="relay", wire="gloo"), PROVED),
    ]
    lines = markdown.table(cells).splitlines()
    assert lines[2:6] == [
        "|  | relay | relay/gloo |",
        "| --- | --- | --- |",
        "| deferred | FAIL 3+ (missing-segment) |  |",
        "| inline | ok 3 | ok 3 |",
    ]
    assert lines.count("```mermaid") == 1


def test_a_candidate_is_told_by_what_its_baseline_has_not() -> None:
    worse = Comparison(PROVED, VERDICT, 3, 1, None, (FINDING,))
    alike = Comparison(PROVED, PROVED, 3, 0, None)
    names = ("eager", "deferred")
    lines = markdown.side_by_side([(worse, names), (alike, names)]).splitlines()
    assert lines[2].startswith("* deferred: missing-segment: rank0 unlinks seg0")
    assert "* deferred: no finding that eager has not" in lines


def test_sections_are_added_to_the_file_that_the_variable_names_until_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summary.md"
    markdown.append_to_summary("lost")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    markdown.append_to_summary("one\n")
    markdown.append_to_summary("two\n")
    markdown.append_to_summary("x" * (1 << 20))
    assert file.read_text() == "one\ntwo\n"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    with pytest.raises(OSError, match="directory"):
        markdown.append_to_summary("three")
