"""The fixture `race`, its options, and what it keeps from one run to the next."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pytest_runs import run_pytest
from tests.support.terminals import Terminal

RACES = """
import os, pytest, shmrace
from multiprocessing import shared_memory

class Races(shmrace.Scenario):
    fixed = bool(os.environ.get("FIXED"))

    def sender(self, world):
        segment = shared_memory.SharedMemory(create=True, size=8)
        segment.close()
        return segment.name

    def rank(self, world, name):
        secret = f"secret of rank {world.rank}"
        segment = shared_memory.SharedMemory(name)
        segment.close()
        if self.fixed:
            world.barrier()
        if world.rank == 0:
            segment.unlink()
"""

RACE = RACES + "def test_it(race):\n    race(Races)\n"

TELLS = RACES.replace('bool(os.environ.get("FIXED"))', "True")


def test_the_failure_is_the_report_and_nothing_else(pytester: pytest.Pytester) -> None:
    """No frame of shmrace's, no E in front of each line."""
    pytester.makepyfile(test_a=RACE)
    done = pytester.runpytest_subprocess()
    done.assert_outcomes(failed=1)
    lines = done.stdout.str().splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("missing-segment: "))
    assert lines[first - 1].startswith("____")
    assert lines[first + 2].startswith("  Races()    actors: sender, rank0, rank1")
    assert "shmrace/" not in done.stdout.str()
    done.stdout.fnmatch_lines(
        ["FAILED test_a.py::test_it - missing-segment: rank0 unlinks seg0 (*"]
    )


@pytest.mark.parametrize(
    ("arguments", "mark", "options", "ini", "ranks"),
    [
        ("Races(ranks=5)", "ranks=4", ("--shmrace-ranks", "3"), "1", 5),
        ("Races, ranks=5", "ranks=4", ("--shmrace-ranks", "3"), "1", 5),
        ("Races", "ranks=4", ("--shmrace-ranks", "3"), "1", 4),
        ("Races", "budget='9s'", ("--shmrace-ranks", "3"), "1", 3),
        ("Races", "budget='9s'", (), "1", 1),
        ("Races", "budget='9s'", (), "", 2),
    ],
)
def test_an_argument_beats_the_mark_that_the_command_line_that_the_ini_file(
    pytester: pytest.Pytester, arguments: str, mark: str, options: tuple[str, ...], ini: str,
    ranks: int,
) -> None:  # fmt: skip
    pytester.makepyfile(
        TELLS
        + f"@pytest.mark.shmrace({mark})\n"
        + f"def test_it(race):\n    assert race({arguments}).ranks == {ranks}\n"
    )
    pytester.makeini(f"[pytest]\nshmrace_ranks = {ini}\n")
    run_pytest(pytester, *options).assert_outcomes(passed=1)


def test_the_closest_mark_wins(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        TELLS
        + "pytestmark = pytest.mark.shmrace(ranks=4, explorer='walk', budget='7 executions')\n"
        + "@pytest.mark.shmrace(ranks=3)\n"
        + "def test_it(race):\n    verdict = race(Races)\n"
        + "    assert (verdict.ranks, verdict.explorer, verdict.executions) == (3, 'walk', 7)\n"
    )
    run_pytest(pytester, "--shmrace-explorer", "dpor").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("options", "test", "message"),
    [
        (("--shmrace-budget", "soon"), "", "--shmrace-budget: 'soon' is not a budget: give*"),
        (("--shmrace-explorer", "luck"), "", "--shmrace-explorer: unknown explorer 'luck'*"),
        (("--shmrace-ranks", "\u00b2"), "", "--shmrace-ranks: ranks must be a whole number*"),
        (("--shmrace-replay", "junk"), "", "broken token 'junk': it is not of the form sr1-*"),
        (("--shmrace-report", "/dev/null/x"), "", "--shmrace-report */dev/null/x: *"),
        ((), "@pytest.mark.shmrace(budget='x')\n", "*test_it: 'x' is not a budget: give a time*"),
        (("--shmrace-ranks", "none"), "", "--shmrace-ranks: ranks must be a whole number*"),
        ((), "@pytest.mark.shmrace(speed=3)\n", "*test_it: @pytest.mark.shmrace has no keyword*"),
        ((), "@pytest.mark.shmrace('5s')\n", "*test_it: @pytest.mark.shmrace takes keywords*"),
    ],
)
def test_bad_input_is_one_line_before_anything_runs(
    pytester: pytest.Pytester, options: tuple[str, ...], test: str, message: str
) -> None:
    pytester.makepyfile(TELLS + test + "def test_it(race):\n    race(Races)\n")
    done = run_pytest(pytester, *options)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"ERROR: {message}"])


def test_a_failure_is_replayed_first_and_dropped_once_it_passes(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second run replays one token; when the code is mended the search says pass, and the
    fourth run searches too."""
    pytester.makepyfile(RACE)
    kept = pytester.path / ".pytest_cache" / "d" / "shmrace"
    run_pytest(pytester).assert_outcomes(failed=1)
    (file,) = kept.iterdir()
    assert json.loads(file.read_text())["token"].startswith("sr1-")
    again = run_pytest(pytester)
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["FAIL *:Races: missing-segment (1 execution; replay, *"])
    pytester.makepyfile(RACE.replace("self.fixed:", "True:"))
    run_pytest(pytester).assert_outcomes(passed=1)
    assert list(kept.iterdir()) == []


def test_a_token_from_the_command_line_runs_in_its_tests_and_skips_the_others(
    pytester: pytest.Pytester,
) -> None:
    others = "class Others(Races):\n    pass\ndef test_others(race):\n    race(Others)\n"
    pytester.makepyfile(RACE + others)
    found = run_pytest(pytester, "-k", "test_it")
    (line,) = [line for line in found.stdout.str().splitlines() if "  REPLAY  " in line]
    done = run_pytest(pytester, "--shmrace-replay", line.split()[-1], "-rs")
    done.assert_outcomes(failed=1, skipped=1)
    done.stdout.fnmatch_lines(["SKIPPED * --shmrace-replay holds a token of Races"])


def test_the_line_to_paste_works_from_where_pytest_ran(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also below the root, and for a class that only its test can reach."""
    pytester.makefile(".ini", pytest="[pytest]")
    local = "def test_it(race):\n    class Local(Races): pass\n    race(Local)\n"
    folder = pytester.mkdir("below")
    (folder / "test_below.py").write_text(RACES + local)
    monkeypatch.chdir(folder)
    found = run_pytest(pytester)
    (line,) = [line for line in found.stdout.lines if "  REPLAY  " in line]
    pasted = line.split("REPLAY")[1].strip()
    assert pasted.startswith('pytest "test_below.py::test_it" --shmrace-replay sr1-')
    done = pytester.run("sh", "-c", f"{sys.executable} -m {pasted}")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["missing-segment: rank0 unlinks seg0 (test_below.py:*"])


def test_reports_are_written_for_each_failure(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder for each test; and a section in the summary of a CI job, where this is one."""
    pytester.makepyfile(RACE)
    summary = pytester.path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    run_pytest(pytester, "--shmrace-report", "reports/today").assert_outcomes(failed=1)
    (folder,) = (pytester.path / "reports" / "today").iterdir()
    assert folder.name == "test_reports_are_written_for_each_failure.py-test_it"
    assert sorted(path.name for path in folder.iterdir()) == [
        "report.html", "report.json", "report.txt"
    ]  # fmt: skip
    data = json.loads((folder / "report.json").read_text())
    assert data["findings"][0]["kind"] == "missing-segment"
    first = "{kind}: {message}".format(**data["findings"][0])
    assert (folder / "report.txt").read_text().startswith(first[:90])
    assert f"<h1>{first}</h1>" in (folder / "report.html").read_text()
    told = summary.read_text()
    assert told.startswith(f"### FAIL: {first.replace('_', chr(92) + '_')}\n")
    assert "::test\\_it\n" in told
    assert "```mermaid\nsequenceDiagram\n" in told


DEBUG = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--shmrace-pdb")


def test_an_actor_gets_the_terminal_and_shows_its_variables(pytester: pytest.Pytester) -> None:
    """In the replay of the failure, in the user's frame that raised; `q` goes on to the report."""
    with Terminal(*DEBUG, "rank1", pytester.makepyfile(RACE)) as terminal:
        seen = terminal.until("(Pdb) ")
        assert "rank1 raised FileNotFoundError: [Errno 2]" in seen
        assert "everybody else stands still" in seen
        terminal.type(b"p secret\n")
        assert "'secret of rank 1'" in terminal.until("'secret of rank 1'")
        terminal.type(b"q\n")
        assert terminal.end() == 1
    assert "1 failed" in terminal.seen


def test_a_breakpoint_of_the_actor_opens_the_debugger(pytester: pytest.Pytester) -> None:
    """Once: leaving it is nothing to be looked at."""
    path = pytester.makepyfile(RACE.replace("segment.unlink()", "breakpoint(); segment.unlink()"))
    with Terminal(*DEBUG, "rank0", path) as terminal:
        assert "rank0 is at a breakpoint" in terminal.until("(Pdb) ")
        terminal.type(b"p world.rank + 40\n")
        terminal.until("40")
        terminal.type(b"q\n")
        assert terminal.end() == 1
    assert "1 failed" in terminal.seen
    assert terminal.seen.count("everybody else stands still") == 1


def test_the_debugger_and_workers_do_not_go_together(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(RACE)
    done = run_pytest(pytester, "--shmrace-pdb", "rank0", "-n", "2")
    done.stderr.fnmatch_lines(["ERROR: --shmrace-pdb needs the terminal: leave -n out"])


def test_a_machine_without_the_gate_skips(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(RACE)
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.refusing", "seccomp", sys.executable, "-m", "pytest",
         "-rs", str(pytester.path)],
        capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[3],
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "1 skipped" in done.stdout
    refusal = "no gate: [Errno 1] Operation not permitted: 'seccomp'; see shmrace doctor"
    assert f": {refusal}\n" in done.stdout
    assert f"\n{refusal}\n0 proved   0 bounded   1 skipped   0 inconclusive   " in done.stdout


def test_local_classes_monkeypatches_and_fixtures_count(pytester: pytest.Pytester) -> None:
    """Processes are forked from the test as it is, in each test anew."""
    pytester.makepyfile(
        test_local=TELLS
        + "SIZE = 8\n"
        + "@pytest.fixture\ndef word():\n    return 'fixture'\n"
        + "@pytest.mark.parametrize('size', [1, 2])\n"
        + "def test_it(race, monkeypatch, word, size):\n"
        + "    monkeypatch.setattr('test_local.SIZE', size)\n"
        + "    class Local(Races):\n"
        + "        def rank(self, world, name):\n"
        + "            super().rank(world, name)\n"
        + "            return SIZE, word\n"
        + "        def check(self, execution):\n"
        + "            assert execution.results['rank0'] == (size, 'fixture')\n"
        + "    assert race(Local).proof\n"
    )
    run_pytest(pytester).assert_outcomes(passed=2)


def test_torch_may_have_used_its_threads_before(pytester: pytest.Pytester) -> None:
    """A process forked from one with a thread pool would wait for threads that it does not have."""
    pytest.importorskip("torch")
    pytester.makepyfile(
        "import torch, shmrace\nfrom shmrace.scenario import loading\n"
        "def test_it(race):\n"
        "    torch.set_num_threads(2)\n"
        "    torch.ones(2000, 2000) @ torch.ones(2000, 2000)\n"
        "    class Multiplies(loading.load('sglang-deferred-barrier')):\n"
        "        def rank(self, world):\n"
        "            torch.ones(2000, 2000) @ torch.ones(2000, 2000)\n"
        "            return super().rank(world)\n"
        "    assert race(Multiplies, budget='3 executions').status == 'pass'\n"
    )
    run_pytest(pytester, timeout=60).assert_outcomes(passed=1)


def test_an_interrupt_ends_the_whole_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        TELLS
        + "import signal\n"
        + "class Interrupts(Races):\n"
        + "    def check(self, execution):\n        signal.raise_signal(signal.SIGINT)\n"
        + "def test_it(race):\n    race(Interrupts)\n"
        + "def test_after(race):\n    pass\n"
    )
    done = run_pytest(pytester)
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.no_fnmatch_line("*1 passed*")


def test_settings_of_other_tests_stay_as_they_are(pytester: pytest.Pytester) -> None:
    """Of two tests in one module only the one that uses shmrace has no deadline, and it keeps the
    health checks that the profile suppressed."""
    pytester.makeconftest(
        "from hypothesis import HealthCheck, settings\n"
        "settings.register_profile('ours', deadline=200, suppress_health_check=[HealthCheck."
        "function_scoped_fixture])\nsettings.load_profile('ours')\n"
    )
    pytester.makepyfile(
        TELLS
        + "import time\nfrom hypothesis import given, settings, strategies as st\n"
        + "@given(schedule=shmrace.schedules())\n"
        + "def test_ours(tmp_path, schedule):\n"
        + "    shmrace.run(Races, schedule).check()\n    time.sleep(0.01)\n"
        + "    assert settings.default.deadline is None\n"
        + "@given(number=st.integers())\n"
        + "def test_theirs(number):\n    assert settings.default.deadline is not None\n"
    )
    run_pytest(pytester, timeout=100).assert_outcomes(passed=2)


def test_a_candidate_is_held_against_its_baseline(pytester: pytest.Pytester) -> None:
    """It fails with the typed error of what the baseline has not, and passes if it mends it."""
    pytester.makepyfile(
        test_a=RACES
        + """
def test_mended(race):
    found = race.no_worse(Races(fixed=True), than=Races(fixed=False))
    assert (found.baseline.status, found.candidate.status) == ("fail", "pass")
    assert found.differ > 0

def test_worse(race):
    with pytest.raises(shmrace.MissingSegment, match="rank0 unlinks seg0"):
        race.no_worse(Races(fixed=False), than=Races(fixed=True), ranks=3)

def test_shown(race):
    race.no_worse(Races(fixed=False), than=Races(fixed=True))

def test_misspelt(race):
    race.no_worse(Races, than=Races, bugdet="5s")
"""
    )
    done = run_pytest(pytester)
    done.assert_outcomes(passed=2, failed=2)
    done.stdout.fnmatch_lines(
        [
            "FAILED test_a.py::test_shown - missing-segment: rank0 unlinks seg0 (*",
            "FAILED test_a.py::test_misspelt - *UsageError: race has no keyw*",
        ]
    )
    done.stdout.no_fnmatch_line("*options.py*")  # where it was noticed helps nobody


STORES_LATE = """
import shmrace
from multiprocessing import shared_memory

class StoresLate(shmrace.Scenario):
    @shmrace.actor()
    def writer(self, world):
        segment = shared_memory.SharedMemory("x", create=True, size=8)
        world.send("reader", None)
        segment.buf[0] = 1
        world.recv("reader")
        segment.close()
        segment.unlink()

    @shmrace.actor()
    def reader(self, world):
        world.recv("writer")
        segment = shared_memory.SharedMemory("x")
        segment.buf[0]
        segment.close()
        world.send("writer", None)

def test_it(race):
    race(StoresLate)
"""


def test_a_pass_that_rests_on_a_data_race_is_named_in_the_summary(
    pytester: pytest.Pytester,
) -> None:
    """Without -v, since a green dot would hide it."""
    pytester.makepyfile(test_a=STORES_LATE)
    done = pytester.runpytest_subprocess()
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines(
        [
            "test_a.py::test_it  passed, but not proved: data-races: writer writes seg0 after its"
            " send (test_a.py:8), reader has it mapped after its map (test_a.py:17), and nothing*",
        ]
    )
