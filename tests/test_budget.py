"""Budgets are a time, a number of executions, or both."""

import pytest

from shmrace.budget import Budget, parse_budget
from shmrace.errors import UsageError


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("60s", Budget(60, None)),
        ("1.5m", Budget(90, None)),
        ("2h", Budget(7200, None)),
        ("500 executions", Budget(None, 500)),
        ("10s, 500 executions", Budget(10, 500)),
    ],
)
def test_a_budget_is_read(text: str, budget: Budget) -> None:
    assert parse_budget(text) == budget


@pytest.mark.parametrize("text", ["", "60", "3y", "-1s", "0s", "many executions"])
def test_what_is_no_budget_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match="'60s', '5m' or '1h'"):
        parse_budget(text)
