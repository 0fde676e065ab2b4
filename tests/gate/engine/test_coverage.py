"""coverage.py counts the lines that run only in actors, and its own work is not explored."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = """
from multiprocessing import shared_memory
def make():
    segment = shared_memory.SharedMemory(create=True, size=8)
    segment.close()
    segment.unlink()
def of(rank):
    if rank:
        return "one"
    return "zero"
def never():
    return 1
"""

TESTS = """
import library, pytest, shmrace
class Makes(shmrace.Scenario):
    def rank(self, world):
        library.make()
        return library.of(world.rank)
@pytest.mark.parametrize("start", ["warm", "fork"])
def test_it(race, start):
    assert race(Makes(start=start)).proof
"""


SETTINGS = "[run]\nsource = .\nbranch = true\npatch = _exit\nsigterm = true\n"


def test_lines_of_actors_count(tmp_path: Path) -> None:
    """Also with the settings by which other processes that are forked save a file at their end: in
    an actor that would be operations at the gate, and the test would be no proof any more."""
    pytest.importorskip("coverage")
    (tmp_path / "library.py").write_text(LIBRARY)
    (tmp_path / "test_a.py").write_text(TESTS)
    (tmp_path / ".coveragerc").write_text(SETTINGS)
    for command in ("run -m pytest -p no:cacheprovider test_a.py", "json -q"):
        done = subprocess.run(
            [sys.executable, "-m", "coverage", *command.split()], cwd=tmp_path, timeout=100,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Warning" not in done.stderr
    files = json.loads((tmp_path / "coverage.json").read_text())["files"]
    assert files["library.py"]["missing_lines"] == [12]
    assert files["test_a.py"]["missing_lines"] == []
