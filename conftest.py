"""Settings of the test suite: nothing may be left behind by any test."""

import os
import tempfile
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from shmrace.search import search

pytest_plugins = ["pytester"]

settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

os.environ.pop("GITHUB_STEP_SUMMARY", None)  # that of the job which runs this suite


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that workers end together."""
    items.sort(key=lambda item: item.get_closest_marker("reference") is None)


@pytest.fixture(autouse=True)
def a_cache_of_its_own() -> Iterator[None]:
    """What the command line finds in one test is not replayed in another, or for the user."""
    before = os.environ.get("XDG_CACHE_HOME")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture(autouse=True, scope="session")
def count_for_a_shorter_time() -> None:
    """After a finding a search goes on to count for 10 s; two are enough for most tests."""
    search.GOES_ON = search.GOES_ON_DRAWING


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
