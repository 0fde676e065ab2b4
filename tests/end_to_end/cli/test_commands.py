"""The command line, in processes of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.commands import family, forked, lives, shmrace


def test_the_main_job_finds_the_race_and_its_line_replays_it() -> None:
    """The first line names both with their source lines, the table shows them, and the last line
    but one runs it again."""
    done = shmrace("explore", "sglang-deferred", "--ranks", "3")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("missing-segment: rank0 unlinks seg0 (deferred.py:")
    assert " before rank1 attaches it (named.py:" in lines[0]
    assert any(line.startswith("  rank1 raised FileNotFoundError: [Errno 2]") for line in lines)
    marked = [line for line in lines if line.startswith("  !")]
    assert "unlink seg0" in marked[0]
    assert "attach seg0: GONE" in marked[1]
    often = "  5 of 8 distinct schedules fail like this (all were run). "
    assert f"{often}Shown: the simplest, with no preemption." in lines
    (line,) = [line for line in lines if line.startswith("  REPLAY    ")]
    again = shmrace(*line.split()[2:])
    assert again.returncode == 1
    once = "  Shown: the schedule that was given, with no preemption."
    expected = [once if line.startswith(often) else line for line in lines]
    assert again.stdout.splitlines()[:-1] == expected[:-1]


def test_two_runs_print_the_same_bytes_but_for_the_time() -> None:
    command = ["explore", "sglang-eager", "--forget"]
    outputs = [shmrace(*command).stdout.splitlines() for _ in range(2)]
    one, other = ([line for line in told if not line.startswith("FAIL ")] for told in outputs)
    assert one == other


def test_what_was_found_is_replayed_first_until_it_passes(tmp_path: Path) -> None:
    """Found by a search; replayed, whoever searches; searched for anew if told so; once the code is
    mended the search says pass, and the token is gone."""
    source = (
        "from shmrace import Scenario\nfrom multiprocessing.shared_memory import SharedMemory\n"
        "class Case(Scenario):\n"
        "    def sender(self, world):\n"
        "        segment = SharedMemory(create=True, size=64)\n"
        "        segment.close()\n"
        "        return segment.name\n"
        "    def rank(self, world, name):\n"
        "        segment = SharedMemory(name=name)\n"
        "        segment.close()\n"
        "        {wait}\n"
        "        if world.rank == 0: segment.unlink()\n"
    )
    case = tmp_path / "case.py"

    def explorer(*more: str) -> tuple[str, str, str]:
        done = forked("explore", "case.py", "--format", "json", *more, cwd=tmp_path)
        told = json.loads(done.stdout)
        return told["status"], told["explorer"], told["note"]

    case.write_text(source.format(wait="pass"))
    assert explorer() == ("fail", "dpor", "")
    again = ("fail", "replay", "found in an earlier run, and replayed first")
    assert explorer() == explorer("--explorer", "walk") == again
    assert explorer("--keep-going") == ("fail", "dpor", "")
    assert explorer("--forget") == ("fail", "dpor", "")
    (kept,) = (Path(os.environ["XDG_CACHE_HOME"]) / "shmrace" / "found").iterdir()
    case.write_text(source.format(wait="world.barrier()"))
    assert explorer() == ("pass", "dpor", "")
    assert not kept.exists()


def test_json_goes_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "verdict.json"
    done = forked(
        "explore", "sglang-deferred-barrier", "--ranks", "2", "--format", "json", "-o", str(target)
    )
    assert (done.returncode, done.stdout) == (0, "")
    data = json.loads(target.read_text())
    assert (data["status"], data["complete"], data["assumes"]) == ("pass", True, [])


def test_a_scenario_of_ones_own_is_explored_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import os, shmrace\n"
        "class Mine(shmrace.Scenario):\n"
        "    name_of_it = 'x'\n"
        "    def rank(self, world):\n"
        "        os.close(os.open('/dev/shm/' + self.name_of_it, os.O_CREAT))\n"
        "        world.barrier()\n"
        "        if world.rank == 0: os.unlink('/dev/shm/' + self.name_of_it)\n"
    )
    assert forked("explore", "mine.py", cwd=tmp_path).returncode == 0
    named = forked("explore", "mine.py:Mine", "--set", "name_of_it=y", cwd=tmp_path)
    assert named.returncode == 0
    assert forked("explore", "mine:Mine", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["explore", "nosuch"], "unknown scenario 'nosuch': there are attach-before-size"),
        (["explore", "nofile.py"], "there is no file nofile.py"),
        (["explore", "./notes.md:Share"], "./notes.md is no Python file: give one whose name"),
        (["explore", "empty.py"], "empty.py: found no subclass of shmrace.Scenario"),
        (["explore", "broken.py"], "broken.py does not compile: line 1: "),
        (["explore", "raises.py"], "raises.py cannot be imported: ZeroDivisionError"),
        (["explore", "two.py"], "defines several scenarios; write two.py:NAME with one of A, B"),
        (["explore", "two.py:C"], "C is not a scenario in this file; scenarios: A, B"),
        (["explore", "no.such.module:A"], "there is no module 'no.such.module'"),
        (["explore", "sglang-eager", "--ranks", "0"], "ranks must be a whole number of at least 1"),
        (["explore", "sglang-eager", "--ranks", "two"], "--set ranks=two: this parameter is"),
        (["explore", "sglang-eager", "--explorer", "x"], "unknown explorer 'x': there are dpor"),
        (["explore", "sglang-eager", "--seed", "1"], "the explorer dpor has no use for a seed"),
        (["explore", "sglang-eager", "--max-faults", "2"], "--max-faults needs"),
        (["explore", "sglang-eager", "--fault", "burn"], "unknown fault 'burn'"),
        (["explore", "sglang-eager", "--set", "x=1"], "has no parameter 'x'; it has: ranks"),
        (["explore", "sglang-eager", "--set", "x"], "is not of the form NAME=VALUE"),
        (["explore", "sglang-eager", "--budget", "1"], "'1' is not a budget"),
        (["explore", "sglang-eager", "-o", "/nowhere/x"], "there is no folder /nowhere"),
        (["explore", "sglang-eager", "--full", "--format", "json"], "--full needs the format text"),
        (["explore", "sglang-eager", "--format", "xml"], "'xml' is not one of"),
        (["replay", "sglang-eager", "sr1-x"], "broken token 'sr1-x'"),
        (["replay", "sglang-eager"], "Missing argument 'TOKEN'"),
        (["dance"], "No such command 'dance'"),
    ],
)
def test_bad_input_gets_one_clear_line_and_exit_2(
    arguments: list[str], complaint: str, tmp_path: Path
) -> None:
    (tmp_path / "notes.md").write_text("Share\n")
    (tmp_path / "empty.py").write_text("x = 1\n")
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "raises.py").write_text("1 / 0\n")
    scenario = "class {}(shmrace.Scenario):\n    def rank(self, world): ...\n"
    (tmp_path / "two.py").write_text(
        "import shmrace\n" + scenario.format("A") + scenario.format("B")
    )
    done = forked(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("shmrace: ")
    assert complaint in line


def test_a_token_that_no_longer_fits_is_told_from_one_that_passes_now(tmp_path: Path) -> None:
    """Three versions of one scenario: it raises at the missing segment, also in the debugger; it
    tolerates it; it takes another step before, and tolerates it too."""
    source = (
        "import os, shmrace\n"
        "class Case(shmrace.Scenario):\n"
        "    def sender(self, world):\n"
        "        os.close(os.open('/dev/shm/x', os.O_CREAT))\n"
        "        return 'x'\n"
        "    def rank(self, world, name):\n"
        "        {before}\n"
        "        if world.rank == 0: os.unlink('/dev/shm/x')\n"
        "        else:\n"
        "            try: os.close(os.open('/dev/shm/x', os.O_RDONLY))\n"
        "            except FileNotFoundError: {then}\n"
    )
    case = tmp_path / "case.py"
    case.write_text(source.format(before="pass", then="raise"))
    found = json.loads(forked("explore", "case.py", "--format", "json", cwd=tmp_path).stdout)
    token = found["findings"][0]["token"]
    debugged = shmrace("replay", "case.py", token, "--pdb", "rank1", "--full", cwd=tmp_path)
    assert debugged.returncode == 1
    assert "(Pdb)" in debugged.stdout and "hidden:" not in debugged.stdout
    case.write_text(source.format(before="pass", then="return"))
    passes = forked("replay", "case.py", token, cwd=tmp_path)
    case.write_text(source.format(before="world.checkpoint('new')", then="return"))
    differs = forked("replay", "case.py", token, cwd=tmp_path)
    assert differs.returncode == 3
    assert "the token no longer fits this code" in differs.stdout
    assert passes.returncode == 0


def test_list_shows_every_scenario_and_help_imports_no_torch() -> None:
    assert "sglang-deferred-barrier" in shmrace("list").stdout
    code = (
        "import sys, shmrace.cli.main as m; m.main(['--help']); m.main(['list']);"
        " sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_nothing_is_left_when_the_command_is_killed_in_mid_run() -> None:
    command = [sys.executable, "-m", "shmrace", "explore", "pipe-and-barrier"]
    before = set(os.listdir("/dev/shm"))
    running = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    while len(family(running.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    everybody = family(running.pid)
    assert len(everybody) >= 3
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    deadline = time.monotonic() + 10
    while any(map(lives, everybody)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [pid for pid in everybody if lives(pid)] == []
    assert set(os.listdir("/dev/shm")) == before
