"""On another system the import works, tests are collected, and `race` skips."""

from pathlib import Path

import pytest

from tests.support.commands import python

OTHER_SYSTEM = """
import sys, sysconfig
sysconfig.get_config_vars()
for name in ("fcntl", "resource"):
    sys.modules[name] = None
import os, signal
for name in ("O_PATH", "O_TMPFILE", "memfd_create", "pidfd_open", "sched_setaffinity"):
    delattr(os, name)
del signal.SIGRTMAX
sys.platform = "darwin"
os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"
"""
"""What Python has on a macOS; Hypothesis' plugins of other packages would look for more of one."""

REASON = "shmrace needs Linux, whose seccomp is its gate; this is darwin"


def elsewhere(code: str, cwd: Path | None = None) -> tuple[int, str]:
    done = python("-c", OTHER_SYSTEM + code, cwd=cwd)
    return done.returncode, done.stdout + done.stderr


def test_the_import_works_and_a_search_says_why_not() -> None:
    status, said = elsewhere(
        "import shmrace\n"
        "class Mine(shmrace.Scenario):\n    def rank(self, world): pass\n"
        "shmrace.checkpoint('does nothing')\n"
        "for door in (shmrace.explore, shmrace.run, shmrace.begin):\n"
        "    try: door(Mine)\n"
        "    except shmrace.GateError as error: print(error)\n"
    )
    assert (status, said.splitlines()) == (0, [REASON] * 3)


def test_race_skips_and_schedules_are_still_a_strategy(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import shmrace\nfrom hypothesis import given\n"
        "class Mine(shmrace.Scenario):\n    def rank(self, world): pass\n"
        "def test_race(race):\n    race(Mine)\n"
        "@given(schedule=shmrace.schedules())\n"
        "def test_schedule(race, schedule):\n    race.needs_gate()\n"
        "    shmrace.run(Mine, schedule).check()\n"
    )
    run = "import pytest\nsys.exit(pytest.main(['-rs', '-p', 'no:cacheprovider', 'test_it.py']))\n"
    status, said = elsewhere(run, cwd=tmp_path)
    assert "2 skipped" in said
    assert status == 0
    assert "SKIPPED [2] " in said
    assert f": no gate: {REASON}; see shmrace doctor" in said


@pytest.mark.parametrize(("command", "status"), [("doctor", 3), ("explore x", 3), ("list", 3)])
def test_the_command_says_why_not(command: str, status: int) -> None:
    run = f"from shmrace.cli.main import main\nsys.exit(main({command.split()!r}))\n"
    got, said = elsewhere(run)
    assert got == status
    assert REASON in " ".join(said.split())
