"""Settings of the test suite: a /dev/shm, a cache and searches of its own."""

import os
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from shmrace.search import counting
from tests.support import private_shm

pytest_plugins = ["pytester"]

settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

os.environ.pop("GITHUB_STEP_SUMMARY", None)  # that of the job which runs this suite


def pytest_configure() -> None:
    """Before any test, and before pytest-xdist starts its workers, which come here too."""
    private_shm.enter()


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
    """After a finding a search goes on to count for 10 s; most tests need less than one.

    Small searches are counted to their end all the same, as tests expect.
    """
    counting.SECONDS, counting.AT_LEAST, counting.MANY = 5.0, 1.0, 50
