"""No test here starts a fork server."""

import pytest

from tests.support.left_behind import no_fork_server

__all__ = ["no_fork_server"]


@pytest.fixture(autouse=True)
def without_the_gate(no_fork_server: None) -> None:
    """Without being named by each."""
