"""Without namespaces executions work on the host's ``/dev/shm``, and touch nothing that is not
theirs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shmrace.engine.processes.journal import Journal, sweep_created
from tests.support.commands import REFUSED_NAMESPACES, family, lives, python, shmrace

FIXED = """
import os, time, shmrace
class Fixed(shmrace.Scenario):
    "Ranks that meet at a fixed name, which rank 0 makes and unlinks."
    leaks = False
    hangs = False
    def rank(self, world):
        if world.rank == 0:
            os.close(os.open("/dev/shm/shmrace-test-fixed", os.O_CREAT | os.O_EXCL | os.O_RDWR))
        world.barrier()
        os.close(os.open("/dev/shm/shmrace-test-fixed", os.O_RDWR))
        world.barrier()
        while self.hangs:
            if os.fork() == 0:
                time.sleep(1000)
                while True:
                    pass
            self.hangs = False
            while True:
                pass
        if world.rank == 0 and not self.leaks:
            os.unlink("/dev/shm/shmrace-test-fixed")
"""


@pytest.fixture
def fixed(tmp_path: Path) -> str:
    (tmp_path / "fixed.py").write_text(FIXED)
    return str(tmp_path / "fixed.py")


@pytest.fixture
def foreign() -> Iterator[Path]:
    """A segment of somebody else's."""
    path = Path("/dev/shm/shmrace-test-foreign")
    path.write_bytes(b"foreign")
    yield path
    path.unlink()


@pytest.mark.parametrize("name", ["sglang-eager", "sglang-deferred-barrier"])
def test_the_host_shows_the_same_as_a_private_directory(name: str, foreign: Path) -> None:
    """The same verdict, kinds and number of classes; what the verdict assumes says where."""
    seen, assumed = [], []
    for within in ((), REFUSED_NAMESPACES):
        done = shmrace("explore", name, "--keep-going", "--format", "json", within=within)
        data = json.loads(done.stdout)
        kinds = sorted({finding["kind"] for finding in data["findings"]})
        seen.append((data["status"], kinds, data["trace_classes"], data["complete"]))
        assumed.append(data["assumes"])
    assert assumed[1] == ["host-shm", *assumed[0]]
    assert seen[0] == seen[1]
    assert foreign.read_bytes() == b"foreign"


def test_a_token_found_on_the_host_replays_in_a_private_directory() -> None:
    """The steps are the same, so the token fits."""
    found = shmrace("explore", "sglang-eager", "--format", "json", within=REFUSED_NAMESPACES)
    (finding,) = json.loads(found.stdout)["findings"]
    again = shmrace("replay", "sglang-eager", finding["token"])
    assert again.returncode == 1
    assert "other steps" not in again.stdout


def test_a_leak_is_found_and_does_not_stay_on_the_host(fixed: str, foreign: Path) -> None:
    done = shmrace("explore", fixed, "--set", "leaks=true", within=REFUSED_NAMESPACES)
    assert done.returncode == 1
    assert done.stdout.startswith("leak: seg0 stays in /dev/shm: nobody unlinks it")
    assert not os.path.exists("/dev/shm/shmrace-test-fixed")
    assert foreign.exists()


def test_fixed_names_of_parallel_runs_do_not_collide(fixed: str) -> None:
    command = [*REFUSED_NAMESPACES, sys.executable, "-m", "shmrace", "explore", fixed]
    running = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    outputs = [one.communicate(timeout=60)[0] for one in running]
    assert [one.returncode for one in running] == [0, 0, 0], outputs


def test_nothing_stays_on_the_host_when_the_orchestrator_is_killed(fixed: str) -> None:
    """Not the segment, no actor, and no child of an actor."""
    command = [*REFUSED_NAMESPACES, sys.executable, "-m", "shmrace", "explore", fixed]
    running = subprocess.Popen(
        [*command, "--set", "hangs=true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    while not os.path.exists("/dev/shm/shmrace-test-fixed") and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    everybody = family(running.pid)
    assert len(everybody) >= 5, "orchestrator, launcher, server, two ranks"
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    while any(map(lives, everybody)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [pid for pid in everybody if lives(pid)] == []
    assert not os.path.exists("/dev/shm/shmrace-test-fixed")


def test_a_size_cannot_be_chosen_on_the_host(tmp_path: Path) -> None:
    (tmp_path / "small.py").write_text(
        "import shmrace\nclass Small(shmrace.Scenario):\n    shm_size = '1m'\n"
        "    def rank(self, world): pass\n"
    )
    done = shmrace("explore", str(tmp_path / "small.py"), within=REFUSED_NAMESPACES)
    assert done.returncode == 3
    assert "shm_size needs a /dev/shm of its own, refused: [Errno 1]" in done.stderr


@pytest.mark.parametrize("within", [(), REFUSED_NAMESPACES])
def test_an_ordinary_user_explores(within: tuple[str, ...]) -> None:
    """With namespaces of a user namespace it is a proof, without it assumes the host's."""
    done = python("-m", "tests.support.ordinary", "sglang-deferred-barrier", within=within)
    data = json.loads(done.stdout)
    assert (data["status"], data["complete"]) == ("pass", True), done.stderr
    assert data["assumes"] == (["host-shm"] if within else [])


@pytest.mark.parametrize("call", ["seccomp", "pidfd_getfd"])
def test_a_machine_without_the_gate_says_what_it_refuses(call: str) -> None:
    within = [sys.executable, "-m", "tests.support.refusing", call]
    done = shmrace("explore", "sglang-eager", within=within)
    assert done.returncode == 3
    assert done.stderr.strip().endswith(
        f"refuses the gate: [Errno 1] Operation not permitted: '{call}'"
    )


def test_a_journal_sweeps_only_the_file_that_was_created(tmp_path: Path) -> None:
    """A name that means another file by now is somebody else's, whatever it is called; what cannot
    be read is passed over."""
    mine, theirs = Path("/dev/shm/shmrace-test-mine\nx"), Path("/dev/shm/shmrace-test-theirs")
    outside = tmp_path / "outside"
    for path in (mine, theirs, outside):
        path.touch()
    journal = Journal(str(tmp_path))
    journal.created(mine.name, (mine.stat().st_dev, mine.stat().st_ino))
    journal.created(theirs.name, (theirs.stat().st_dev, theirs.stat().st_ino + 1))
    away = os.path.relpath(outside, "/dev/shm")
    journal.created(away, (outside.stat().st_dev, outside.stat().st_ino))
    journal.close()
    with open(tmp_path / "created", "a") as file:
        file.write("garbage\n[1, 2]\n{}\n")
    sweep_created(str(tmp_path))
    assert (mine.exists(), theirs.exists(), outside.exists()) == (False, True, True)
    theirs.unlink()


def test_a_nested_run_does_not_wait_for_itself(fixed: str, tmp_path: Path) -> None:
    """A session that is forked while another one works inherits no lock."""
    (tmp_path / "nested.py").write_text(
        "import shmrace\nfrom shmrace.scenario import loading\n"
        "eager = loading.load('sglang-deferred-barrier')\n"
        "with shmrace.begin(eager) as execution:\n"
        "    execution.advance('sender')\n"
        "    for _ in range(2):\n        shmrace.run(eager(ranks=1)).check()\n"
        "execution.check()\nprint('done')\n"
    )
    done = python(str(tmp_path / "nested.py"), within=REFUSED_NAMESPACES)
    assert done.stdout == "done\n", done.stderr


def test_what_is_left_below_a_folder_is_swept_too(tmp_path: Path) -> None:
    (tmp_path / "folders.py").write_text(
        "import os, shmrace\n"
        "class Folders(shmrace.Scenario):\n"
        "    ranks = 1\n"
        "    def rank(self, world):\n"
        "        os.mkdir('/dev/shm/shmrace-test-folder')\n"
        "        os.close(os.open('/dev/shm/shmrace-test-folder/x', os.O_CREAT))\n"
    )
    done = shmrace("explore", str(tmp_path / "folders.py"), within=REFUSED_NAMESPACES)
    assert (done.returncode, done.stdout.split(":")[0]) == (1, "leak")
    assert not os.path.exists("/dev/shm/shmrace-test-folder")


def test_half_of_the_namespaces_is_none_of_them() -> None:
    """Where mounts are refused, pids are the host's too."""
    done = shmrace(
        "explore", "sglang-eager", "--format", "json", "--set", "interchangeable=false",
        within=[sys.executable, "-m", "tests.support.refusing", "mount"],
    )  # fmt: skip
    assert json.loads(done.stdout)["assumes"] == ["host-shm"]
