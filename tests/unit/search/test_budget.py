"""Budgets are a time, a number of executions, bounds on a schedule, or several of these."""

import pytest

from shmrace.errors import UsageError
from shmrace.search.budget import Budget, parse_budget


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("60s", Budget(60, None)),
        ("1.5m", Budget(90, None)),
        ("2h", Budget(7200, None)),
        ("500 executions", Budget(None, 500)),
        ("10s, 500 executions", Budget(10, 500)),
        ("0 preemptions", Budget(preemptions=0)),
        ("1 delay, 2m", Budget(120, delays=1)),
    ],
)
def test_a_budget_is_read(text: str, budget: Budget) -> None:
    assert parse_budget(text) == budget


@pytest.mark.parametrize(
    "text",
    ["", "60", "1.5 executions", "3y", "-1s", "0s", "0 executions", "many executions", "1s, 2s"],
)
def test_what_is_no_budget_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match="'60s', '5m' or '1h'"):
        parse_budget(text)
