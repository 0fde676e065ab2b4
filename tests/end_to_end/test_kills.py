"""Whichever process is killed, however and whenever: nothing is left, nothing hangs, and what is
said is so."""

import pytest

from tests.support.commands import python


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "seed",
    [
        pytest.param("1", id="the launcher, at its start, under pytest, in the host's /dev/shm"),
        pytest.param("7", id="the fork server, early, under pytest, in the host's /dev/shm"),
        pytest.param("48", id="the fork server, at its start, under the command line"),
    ],
)
def test_a_few_kills(seed: str) -> None:
    """`python -m tests kills` draws what it kills from a seed."""
    done = python("-m", "tests", "kills", "--seeds", seed)
    if "is refused here" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ": right, " in done.stdout


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seeds", [f"{first}-{first + 9}" for first in range(0, 100, 10)])
def test_a_hundred_kills(seeds: str) -> None:
    done = python("-m", "tests", "kills", "--seeds", seeds, "--quiet", timeout=1700)
    assert done.returncode == 0, done.stdout + done.stderr
