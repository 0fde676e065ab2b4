"""Each test here may use the gate, and leaves nothing behind."""

import pytest

from tests.support.left_behind import nothing_is_left_behind

__all__ = ["nothing_is_left_behind"]


@pytest.fixture(autouse=True)
def leaves_nothing(nothing_is_left_behind: None) -> None:
    """Without being named by each."""
