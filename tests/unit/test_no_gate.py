"""Tests that may not use the gate cannot use it."""

import pytest

import shmrace


class Idle(shmrace.Scenario):
    def rank(self, world: shmrace.World) -> None:
        pass


def test_a_unit_test_that_starts_a_fork_server_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match="this test starts a fork server"):
        shmrace.run(Idle)
