"""A suite with every kind of end gets the right outcome for each, however pytest is run."""

import os
import re
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.pytest_runs import run_pytest
from tests.support.suite import OUTCOMES, SUITE

SIGNAL = ("--timeout", "60", "--timeout-method", "signal")
THREAD = ("--timeout", "60", "--timeout-method", "thread")


@pytest.mark.timeout(110)
@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), marks=pytest.mark.long),
        ("-n", "2", *SIGNAL),
        pytest.param(THREAD, marks=pytest.mark.long),
    ],
    ids=["plain", "two workers and timeouts by signal", "timeouts by thread"],
)
def test_each_test_has_the_right_outcome(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    """The failure's text is the report itself; that nothing is left in /dev/shm is held by
    the fixture nothing_is_left_behind."""
    if "-n" in options:
        pytest.importorskip("xdist")
    pytester.makepyfile(SUITE)
    done = pytester.runpytest_subprocess("-v", "--junitxml", "j.xml", *options, timeout=100)
    text = done.stdout.str()
    said = {
        name: outcome.lower()
        for name, outcome in re.findall(r"::(\w+)\s+(PASSED|FAILED|XFAIL|ERROR)", text)
        + [
            (name, outcome)
            for outcome, name in re.findall(r"(PASSED|FAILED|XFAIL)(?: \(.*?\))? \S+::(\w+)", text)
        ]
    }
    assert {name: outcome.replace("xfail", "xfailed") for name, outcome in said.items()} == OUTCOMES
    for line in (
        "missing-segment: rank0 unlinks seg0 (*.py:22) before rank1 attaches it (*.py:19)",
        "deadlock: rank0 waits for a message of rank1, which has ended*",
        "hang: rank0 runs on without coming to a gate*",
        "rank-crash: rank0 ended by SIGSEGV after unlink*",
    ):
        done.stdout.fnmatch_lines([line])
    assert _left_of(pytester) == []
    done.stdout.fnmatch_lines(
        [
            "shmrace: gate: seccomp   /dev/shm: *   ranks: warm   *CPython *",
            "*PASSED*(proved: 1 schedule, 2 ranks)*",
            "=* shmrace =*",
            "gate: seccomp   /dev/shm: *",
            "1 proved   0 bounded   6 with findings   0 skipped   0 inconclusive   * executions*",
        ]
    )
    properties = _properties(pytester.path / "j.xml")
    assert list(properties) == [name for name in OUTCOMES if "schedule" not in name]
    assert properties["test_a_pass"]["status"] == "pass"
    assert properties["test_a_pass"]["complete"] == "true"
    assert properties["test_a_race"]["status"] == "fail"
    assert properties["test_a_race"]["token"].startswith("sr1-")


def _properties(file: Path) -> dict[str, dict[str, str]]:
    """Of each test that explored, in the order of the suite, without the prefix."""
    found = {
        case.get("name", ""): {
            one.get("name", "").removeprefix("shmrace."): one.get("value", "")
            for one in case.iter("property")
        }
        for case in ElementTree.parse(file).iter("testcase")
    }
    return {name: found[name] for name in OUTCOMES if found[name]}


SLOW = """
import os, time, pytest, shmrace
from multiprocessing import shared_memory
class Slow(shmrace.Scenario):
    def rank(self, world):
        segment = shared_memory.SharedMemory(create=True, size=8)
        if world.rank == 0 and os.fork() == 0:
            while True:
                pass
        while True:
            pass
def test_that_takes_too_long(race):
    race(Slow)
def test_that_comes_after(race):
    assert not [pid for pid in open("/proc/self/task/%d/children" % os.getpid()).read().split()]
"""


@pytest.mark.parametrize("method", ["signal", "thread"])
def test_a_timeout_ends_the_ranks_with_the_test(pytester: pytest.Pytester, method: str) -> None:
    """By signal the next test goes on; by thread the whole run ends, and the ranks with it."""
    pytester.makepyfile(SLOW)
    done = run_pytest(pytester, "--timeout", "3", "--timeout-method", method, timeout=60)
    if method == "signal":
        done.assert_outcomes(failed=1, passed=1)
        done.stdout.fnmatch_lines(["*Failed: Timeout (>3.0s) from pytest-timeout."])
    else:
        assert done.ret == 1
        assert "+ Timeout +" in done.stdout.str() + done.stderr.str()
    assert _left_of(pytester) == []


def _left_of(pytester: pytest.Pytester) -> list[str]:
    """Processes of a run that is over, after some seconds in which they may still end."""
    deadline = time.monotonic() + 20
    while (left := _processes(pytester)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _processes(pytester: pytest.Pytester) -> list[str]:
    """Those that were forked from its pytest, in whose environment its folder is."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/environ", "rb") as environment:
                    content = environment.read()
            except OSError:
                continue
            if os.fsencode(pytester.path) in content and int(name) != os.getpid():
                found.append(name)
    return found
