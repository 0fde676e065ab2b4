"""The check after each test with a gate: it sees what the suite leaves, and nothing else.

Each suite here runs in a process of its own, with the settings of this one.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support import private_shm
from tests.support.commands import REFUSED_NAMESPACES

CONFTEST = Path(__file__).parents[2] / "conftest.py"
SETTINGS = (
    CONFTEST.read_text()
    + """
from tests.support import left_behind
from tests.support.left_behind import nothing_is_left_behind
left_behind.PATIENCE = 0.5
"""
)
LEAVES_A_SEGMENT = """
import os
def test_that_leaves_a_segment(nothing_is_left_behind):
    os.close(os.open("/dev/shm/NAME", os.O_CREAT))
"""
LEAVES_A_PROCESS = """
import os, signal
def test_that_leaves_a_process(nothing_is_left_behind):
    if os.fork() == 0:
        os.closerange(0, 1000)
        signal.alarm(30)
        signal.pause()
"""
USES_THE_GATE = """
import os, time, shmrace
from multiprocessing import shared_memory
class Passes(shmrace.Scenario):
    def rank(self, world):
        segment = shared_memory.SharedMemory(create=True, size=8)
        segment.close()
        segment.unlink()
def test_that_passes(race, nothing_is_left_behind):
    race(Passes)
    open("running", "w").close()
    while not os.path.exists("a stranger was here"):
        time.sleep(0.01)
"""
PRIVATE = pytest.param((), id="in a /dev/shm of its own")
REFUSED = pytest.param(REFUSED_NAMESPACES, id="in the machine's")


@pytest.fixture
def segment() -> Iterator[Path]:
    """Where one may be made, called as Python calls them; gone afterwards."""
    path = private_shm.SHM / f"psm_{secrets.token_hex(4)}"
    yield path
    path.unlink(missing_ok=True)


def start(folder: Path, suite: str, within: Sequence[str] = ()) -> subprocess.Popen[str]:
    """pytest over one file, with the settings of this suite, in the /dev/shm of this test."""
    (folder / "conftest.py").write_text(SETTINGS)
    (folder / "test_it.py").write_text(suite)
    environment = {name: os.environ[name] for name in os.environ if name != private_shm.DEVICE}
    path = os.pathsep.join([str(CONFTEST.parent), *filter(None, [environment.get("PYTHONPATH")])])
    return subprocess.Popen(
        [*within, sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "test_it.py"],
        env={**environment, "PYTHONPATH": path}, cwd=folder, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.mark.parametrize("within", [PRIVATE, REFUSED])
def test_a_segment_that_is_left_fails_the_test(
    tmp_path: Path, segment: Path, within: tuple[str, ...]
) -> None:
    """In a ``/dev/shm`` of the suite's own it goes with the suite; in the machine's it stays."""
    suite = start(tmp_path, LEAVES_A_SEGMENT.replace("NAME", segment.name), within)
    output, _ = suite.communicate(timeout=60)
    assert f"test_that_leaves_a_segment left ['{segment.name}'] in /dev/shm" in output
    assert "1 passed, 1 error" in output
    assert segment.exists() == bool(within)


def test_a_process_that_is_left_fails_the_test(tmp_path: Path) -> None:
    output, _ = start(tmp_path, LEAVES_A_PROCESS).communicate(timeout=60)
    assert "test_that_leaves_a_process left processes: [" in output
    assert "1 passed, 1 error" in output


@pytest.mark.parametrize("within", [PRIVATE, REFUSED])
def test_a_strangers_file_fails_no_test(
    tmp_path: Path, segment: Path, within: tuple[str, ...]
) -> None:
    """It appears, while a test runs, in the ``/dev/shm`` that the suite was started in, and stays.
    Where the suite has one of its own, it may even be called as the suite's are."""
    strangers = segment.with_name(f"strangers-{segment.name}") if within else segment
    suite = start(tmp_path, USES_THE_GATE, within)
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "running").exists() and suite.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        strangers.touch()
        (tmp_path / "a stranger was here").touch()
        output, _ = suite.communicate(timeout=60)
        assert suite.returncode == 0, output
        assert "1 passed" in output
        assert strangers.exists()
    finally:
        suite.kill()
        suite.wait()
        strangers.unlink(missing_ok=True)
