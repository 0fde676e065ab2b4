"""Commands in forks of a process that has imported what they need: like processes of their own."""

import socket
import time
from pathlib import Path

import pytest

from tests.support import preloaded
from tests.support.commands import python

TELL = """
import os, sys
print(__name__, sys.argv[1:], os.getcwd(), os.environ["A_WORD"], "tests" in sys.modules)
sys.exit(int(sys.argv[1]))
"""
OWNER = "from tests.support.preloaded import address; print(address())"


def test_a_fork_gets_its_arguments_directory_and_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two in a row: what the first has changed is not there for the second."""
    (tmp_path / "tell.py").write_text(TELL)
    for word, status in (("one", 0), ("two", 7)):
        monkeypatch.setenv("A_WORD", word)
        done = preloaded.run("tell", str(status), cwd=tmp_path)
        assert done.stdout == f"__main__ ['{status}'] {tmp_path} {word} False\n", done.stderr
        assert (done.returncode, done.stderr) == (status, "")


def test_an_exception_is_told_and_fails(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("1 / 0\n")
    done = preloaded.run("broken", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_whoever_replaces_an_output_does_not_close_its_descriptor(tmp_path: Path) -> None:
    """Actors replace theirs, and print to the descriptor behind it."""
    (tmp_path / "replaces.py").write_text(
        "import os, sys\nsys.stdout = sys.stderr\nos.write(1, b'written')\n"
    )
    done = preloaded.run("replaces", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "written", "")


def test_the_server_ends_with_the_process_that_started_it() -> None:
    """It is gone from its address; its end may take a moment."""
    done = python("-c", OWNER)
    address = done.stdout.strip()
    assert address.startswith("shmrace-tests-"), done.stderr
    for _ in range(600):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            if connection.connect_ex(f"\0{address}") != 0:
                return
        time.sleep(0.05)
    pytest.fail("the server goes on")
