"""A test that uses the gate says so by `nothing_is_left_behind`; the others may not use it."""

import pytest

from tests.support.left_behind import no_fork_server, nothing_is_left_behind

__all__ = ["no_fork_server", "nothing_is_left_behind"]


@pytest.fixture(autouse=True)
def with_the_gate_or_without(request: pytest.FixtureRequest) -> None:
    """Forbid the gate where it is not asked for."""
    if "nothing_is_left_behind" not in request.fixturenames:
        request.getfixturevalue("no_fork_server")
