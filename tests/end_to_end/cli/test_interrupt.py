"""Ctrl-C on a real terminal: the report comes at once, and nothing is left behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.commands import family, lives
from tests.support.terminals import INTERRUPT, Terminal

SHMRACE = (sys.executable, "-m", "shmrace")

NARROW = ("--ranks", "2", "--transport", "fan-out", "--jobs", "2")


def interrupted(*command: str, wait_for: str, cwd: Path | None = None) -> tuple[int, str]:
    """The exit status of a command, and what it showed, if it is interrupted once it has shown a
    text.  Nothing of it is left."""
    before = set(os.listdir("/dev/shm"))
    with Terminal(*command, cwd=cwd) as terminal:
        terminal.until(wait_for)
        deadline = time.monotonic() + 20
        while len(everybody := family(terminal.running.pid)) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(everybody) >= 4
        pressed = time.monotonic()
        terminal.type(INTERRUPT)
        status = terminal.end()
        assert time.monotonic() - pressed < 10
    assert "Traceback" not in terminal.seen
    assert [pid for pid in everybody if lives(pid)] == []
    assert set(os.listdir("/dev/shm")) == before
    return status, terminal.seen


@pytest.mark.parametrize(
    ("arguments", "wait_for", "status", "said"),
    [
        (
            ("explore", "pipe-and-barrier", "--keep-going", "--set", "start=fork"),
            "s left", 3, ("INCONCLUSIVE pipe-and-barrier: interrupted before the search",),
        ),
        (
            ("explore", "sglang-eager", "--ranks", "6", "--keep-going"),
            "shrinking  ", 1, ("missing-segment: ", "REPLAY", "FAIL sglang-eager: "),
        ),
        (
            ("compare", "eager", "eager-tolerant", "deferred", "owner-unlinks", "inline", *NARROW),
            "1/5", 1, ("kinds of finding", "interrupted; "),
        ),
    ],
    ids=["nothing found", "a finding, not shrunk", "a table"],
)  # fmt: skip
def test_what_was_found_so_far_is_shown(
    arguments: tuple[str, ...], wait_for: str, status: int, said: tuple[str, ...]
) -> None:
    ended, seen = interrupted(*SHMRACE, *arguments, wait_for=wait_for)
    assert ended == status, seen
    assert all(text in seen for text in said), seen


def test_sigterm_does_what_ctrl_c_does_and_says_so() -> None:
    """A search that has found nothing yet is inconclusive."""
    search = ("explore", "pipe-and-barrier", "--keep-going", "--set", "start=fork", "--forget")
    with subprocess.Popen(
        [*SHMRACE, *search], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        deadline = time.monotonic() + 60
        while len(everybody := family(running.pid)) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        running.terminate()
        said, told = running.communicate(timeout=60)
    assert running.returncode == 3, said + told
    assert told == "shmrace: SIGTERM has come; what was found so far follows, if anything was\n"
    assert "INCONCLUSIVE pipe-and-barrier: interrupted before the search" in said
    assert [pid for pid in everybody if lives(pid)] == []


def test_pytest_ends_as_it_always_does(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(
        "from shmrace.scenario import loading\n"
        "def test_it(race):\n"
        "    print('begins', flush=True)\n"
        "    race(loading.load('pipe-and-barrier')(start='fork'))\n"
    )
    command = (sys.executable, "-m", "pytest", "-s", "-p", "no:cacheprovider", "test_a.py")
    status, seen = interrupted(*command, wait_for="begins", cwd=tmp_path)
    assert status == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in seen
