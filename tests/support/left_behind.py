"""Fixtures about the gate: nothing is left behind where it is used, and it is not used elsewhere.

A folder's conftest.py imports the one that holds for the folder.
"""

import os
import time
from collections.abc import Iterator

import pytest

from shmrace.engine.processes.forkserver import ForkServer
from tests.support import private_shm

PATIENCE = 30.0
"""Seconds in which what a test has left may still go: a worker of pytest-xdist that shares the
``/dev/shm`` runs tests of its own, and a process that was killed takes a moment to end."""


@pytest.fixture
def nothing_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test leaves a name in ``/dev/shm``, or a child of this process."""
    before = set(os.listdir(private_shm.SHM))
    yield
    deadline = time.monotonic() + PATIENCE
    while (left := _appeared(before)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left, f"{request.node.name} left {left} in /dev/shm"
    assert not _children(), f"{request.node.name} left processes: {_children()}"


@pytest.fixture
def no_fork_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that starts a fork server fails."""

    def refuse(server: ForkServer, *arguments: object) -> None:
        pytest.fail(
            "this test starts a fork server, which tests/unit and other tests without the gate must"
            " not: move it to tests/gate or tests/end_to_end, or, in tests/reference, let it use"
            " the fixture nothing_is_left_behind"
        )

    monkeypatch.setattr(ForkServer, "__init__", refuse)


def _appeared(before: set[str]) -> list[str]:
    appeared = set(os.listdir(private_shm.SHM)) - before
    return sorted(name for name in appeared if private_shm.is_ours(name))


def _children() -> list[int]:
    with open(f"/proc/self/task/{os.getpid()}/children") as listing:
        return [int(pid) for pid in listing.read().split()]
