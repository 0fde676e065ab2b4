"""`shmrace doctor` says what a machine allows, what does not work, and what to do."""

import json
import sys

import pytest

from tests.support.commands import shmrace


def test_a_machine_that_allows_all_is_told_so() -> None:
    done = shmrace("doctor", "--format", "json")
    found = {one["name"]: one for one in json.loads(done.stdout)}
    assert done.returncode == 0
    assert list(found)[:6] == ["system", "namespaces", "gate", "clocks", "/dev/shm", "cores"]
    assert found["namespaces"]["allowed"]
    assert found["gate"]["found"].startswith("held ")
    assert found["clocks"]["found"] == "actors read clocks of their own"
    assert found["/dev/shm"]["found"].startswith("tmpfs, ")


@pytest.mark.parametrize(
    ("call", "check", "status"),
    [("unshare", "namespaces", 0), ("seccomp", "gate", 3), ("pidfd_getfd", "gate", 3)],
)
def test_a_no_says_what_is_lost_and_what_to_do(call: str, check: str, status: int) -> None:
    """Without the gate nothing can be explored; without namespaces all can, on the host's."""
    done = shmrace("doctor", within=[sys.executable, "-m", "tests.support.refusing", call])
    assert done.returncode == status
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("NO ")] == [check]
    at = next(at for at, line in enumerate(lines) if line.startswith(f"{check}: "))
    assert lines[at].endswith(f"[Errno 1] Operation not permitted: '{call}'")
    assert lines[at + 1].startswith("  lost   ")
    assert lines[at + 2].startswith("  to do  ")
