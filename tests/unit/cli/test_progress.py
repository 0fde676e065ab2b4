"""The line that tells how far a search is."""

import pytest

from shmrace.cli import progress
from shmrace.search.budget import Budget
from shmrace.search.progress import Progress

SO_FAR = Progress(executions=1200, trace_classes=84, findings=1, elapsed=4.0)


def test_it_tells_executions_classes_rate_findings_and_time() -> None:
    assert progress.said(SO_FAR, Budget(60.0), 4.2) == (
        "exploring  1,200 executions, 84 distinct  300 a second  1 finding  4 s, at most 56 s left"
    )


@pytest.mark.parametrize(
    ("budget", "left"),
    [
        (Budget(60.0), 56.0),
        (Budget(None, 1800), 2.0),
        (Budget(60.0, 1800), 2.0),
        (Budget(3.0), 0.0),
        (Budget(None, None, 2), None),
    ],
)
def test_the_time_left_follows_from_the_budget(budget: Budget, left: float | None) -> None:
    assert progress.time_left(SO_FAR, budget) == left


def test_what_follows_a_search_has_no_known_end() -> None:
    shrinking = Progress(10, 2, 1, 0.0, "shrinking")
    assert progress.time_left(shrinking, Budget(60.0)) is None


def test_nothing_is_shown_in_continuous_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even on a terminal, which some services fake."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.delenv("CI", raising=False)
    assert progress.wanted()
    monkeypatch.setenv("CI", "true")
    assert not progress.wanted()
