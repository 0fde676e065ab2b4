"""`shmrace compare`: its table, its JSON and HTML, its exit statuses."""

import json
from pathlib import Path

import pytest

from tests.support.commands import forked, shmrace

TWO = ("--ranks", "2", "--transport", "relay", "--transport", "relay-barrier")


def test_the_table_shows_what_fails_where_and_what_it_costs() -> None:
    done = shmrace("compare", "deferred", "owner-unlinks", *TWO)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "deferred      FAIL 3 ok 2" in lines
    assert "owner-unlinks ok 1   ok 1" in lines
    assert any(line.split() == ["deferred", "relay", "missing-segment", "0"] for line in lines)
    assert any(line.startswith("owner-unlinks  relay") and "x payload" in line for line in lines)
    assert "4 of 4 cells" in done.stderr
    assert all(len(line) <= 100 or "replay" in line for line in lines)


def test_a_passing_table_exits_with_zero_and_a_line_replays_a_failing_one() -> None:
    assert forked("compare", "inline", *TWO).returncode == 0
    failing = forked("compare", "deferred", *TWO).stdout
    line = next(line for line in failing.splitlines() if line.startswith("REPLAY"))
    words = line.partition("shmrace ")[2].split()
    replayed = forked(*words)
    assert replayed.returncode == 1
    assert replayed.stdout.startswith("missing-segment: rank0 unlinks seg0 (deferred.py:")


def test_json_has_a_cell_for_each_pair_with_the_keys_that_were_promised() -> None:
    done = forked("compare", "deferred", *TWO, "--format", "json")
    found = json.loads(done.stdout)["cells"]
    promised = (
        "lifecycle transport ranks status complete assumes executions trace_classes kinds"
        " preemptions token"
    ).split()
    assert [all(key in one for key in promised) for one in found] == [True, True]
    assert [(one["transport"], one["status"], one["trace_classes"]) for one in found] == [
        ("relay", "fail", 3),
        ("relay-barrier", "pass", 2),
    ]
    assert found[0]["kinds"] == ["missing-segment"]
    assert found[0]["assumes"] == [] and found[0]["complete"] is True


def test_html_is_one_file_that_asks_for_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a timeline behind the failing cell; the summary of a CI job gets the table, too."""
    file, summary = tmp_path / "table.html", tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert forked("compare", "deferred", *TWO, "--format", "html", "-o", str(file)).returncode == 1
    content = file.read_text()
    assert content.startswith("<!DOCTYPE html>")
    assert content.count('<svg class="picture"') == 1
    assert 'href="#deferred-relay-simulated"' in content
    assert 'id="deferred-relay-simulated"' in content
    assert "missing-segment: rank0 unlinks seg0" in content
    assert "http" not in content and 'src="' not in content and "<link" not in content
    told = summary.read_text()
    assert "| deferred | FAIL 3 (missing-segment) | ok 2 |" in told
    assert "```mermaid\nsequenceDiagram\n" in told


def test_a_candidate_that_is_worse_than_its_baseline_exits_with_one() -> None:
    over = ("--ranks", "2", "--transport", "relay")
    worse = forked("compare", "--baseline", "owner-unlinks", "--candidate", "deferred", *over)
    assert worse.returncode == 1
    assert worse.stdout.startswith("missing-segment: rank0 unlinks seg0 (deferred.py:")
    assert "FIRST DIVERGENCE   in the schedule [" in worse.stdout
    (line,) = [line for line in worse.stdout.splitlines() if line.startswith("  REPLAY  ")]
    assert forked(*line.split()[2:]).returncode == 1
    better = forked("compare", "--baseline", "deferred", "--candidate", "owner-unlinks", *over)
    assert better.returncode == 0
    first = "owner-unlinks over relay has no finding that deferred over relay has not"
    assert better.stdout.splitlines()[0] == first


def test_over_several_transports_two_are_one_document() -> None:
    two = ("--baseline", "owner-unlinks", "--candidate", "inline", *TWO)
    data = json.loads(forked("compare", *two, "--format", "json").stdout)
    assert [one["status"] for one in data["comparisons"]] == ["pass", "pass"]
    page = forked("compare", *two, "--format", "html").stdout
    assert page.count("<html") == 1
    assert "inline over relay-barrier against owner-unlinks over relay-barrier" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lazy",), "there is no lifecycle 'lazy'; there are: eager,"),
        (("--transport", "pigeon"), "there is no transport 'pigeon'; there are fan-out,"),
        (("--baseline", "eager"), "--baseline and --candidate need each other"),
        (("eager", "--baseline", "eager", "--candidate", "eager"), "not both"),
        (("--ranks", "0"), "0 is not in the range x>=1"),
        (("inline", "--budget", "soon"), "budget"),
        (("inline", "-o", "/nowhere/table.txt"), "there is no folder /nowhere"),
    ],
)
def test_bad_input_gets_one_line(arguments: tuple[str, ...], message: str) -> None:
    done = forked("compare", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
