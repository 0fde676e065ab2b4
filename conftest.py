"""Settings of the test suite: nothing may be left behind by any test."""

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def nothing_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test leaves a name in the host's ``/dev/shm``, or a child of this process.  Those of a
    test in another worker are waited for."""
    before = set(os.listdir("/dev/shm"))
    yield
    deadline = time.monotonic() + 30
    while (left := set(os.listdir("/dev/shm")) - before) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left, f"{request.node.name} left {sorted(left)} in /dev/shm"
    assert not _children(), f"{request.node.name} left processes: {_children()}"


def _children() -> list[int]:
    with open(f"/proc/self/task/{os.getpid()}/children") as listing:
        return [int(pid) for pid in listing.read().split()]
