"""The scenarios find what their files say they must."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from shmrace.model.verdict import Verdict
from shmrace.scenario import loading
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search


def search(name: str, keep_going: bool = True, **parameters: Any) -> Verdict:
    scenario = loading.load(name)(**parameters)
    return Search(
        scenario, SearchOptions.parse(budget=Budget(100), keep_going=keep_going, counts=False)
    ).run()


@pytest.mark.parametrize("ranks", [2, 3, 4])
def test_the_barrier_closes_the_race(ranks: int) -> None:
    """One class for each rank that may be the first to unlink; the others fail in vain."""
    verdict = search("sglang-deferred-barrier", ranks=ranks)
    assert verdict.proof
    assert verdict.trace_classes == verdict.executions == ranks


@pytest.mark.parametrize(("ranks", "classes"), [(2, 3), (3, 8)])
def test_without_the_barrier_a_peer_misses_the_segment(ranks: int, classes: int) -> None:
    """(N+1) * 2^(N-2) classes, of which rank 0 loses the race for somebody in most."""
    verdict = search("sglang-deferred", ranks=ranks)
    assert verdict.trace_classes == verdict.executions == classes
    assert {finding.kind for finding in verdict.findings} == {"missing-segment"}


@pytest.mark.parametrize(("ranks", "classes"), [(2, 4), (3, 12)])
def test_eager_unlinks_are_missed_and_made_twice(ranks: int, classes: int) -> None:
    """N * 2^(N-1) classes; gate/search/test_symmetry_check.py has those up to symmetry."""
    verdict = search("sglang-eager", ranks=ranks, interchangeable=False)
    assert verdict.trace_classes == verdict.executions == classes
    assert {finding.kind for finding in verdict.findings} == {"missing-segment", "double-unlink"}


def test_an_image_is_raced_for_like_64_bytes() -> None:
    verdict = search("sglang-deferred", keep_going=False, shape=(3, 1080, 1920))
    (finding,) = verdict.findings
    assert finding.kind == "missing-segment"
    assert finding.preemptions == 0


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_pipe_and_a_barrier_explore_to_the_same_classes_in_twenty_runs() -> None:
    """Five of them while every core is busy."""
    runs = set()
    for number in range(20):
        burners = [_burn() for _ in range(os.cpu_count() or 1)] if number % 4 == 3 else []
        one = Search(loading.load("pipe-and-barrier")(), SearchOptions.parse(budget=Budget(300)))
        verdict = one.run()
        for pid in burners:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        assert (verdict.status, verdict.complete) == ("pass", True)
        runs.add(frozenset(one._evidence.classes))
    assert len(runs) == 1


def _burn() -> int:
    pid = os.fork()
    while pid == 0:
        pass
    return pid


def test_a_pipe_to_which_nobody_writes_is_a_deadlock() -> None:
    verdict = search("pipe-and-barrier", keep_going=False, acknowledge=False)
    (finding,) = verdict.findings
    assert finding.kind == "deadlock"
    assert finding.message.startswith("parent waits in read on a pipe (pipe_and_barrier.py:")


def test_every_scenario_has_a_title_and_is_listed() -> None:
    entries = loading.entries()
    assert [entry.name for entry in entries] == [
        "attach-before-size", "cpython-creator-dies", "cpython-failed-attach", "full-shm",
        "inherited-exit-handler", "pipe-and-barrier", "sglang-deferred", "sglang-deferred-barrier",
        "sglang-eager", "swept-from-outside", "view-without-export",
    ]  # fmt: skip
    assert all(entry.title.endswith(".") for entry in entries)


def test_the_command_tells_the_same_as_the_library() -> None:
    command = [sys.executable, "-m", "shmrace", "explore", "sglang-eager", "--ranks", "2"]
    done = subprocess.run(
        [*command, "--format", "json"], capture_output=True, text=True, timeout=60,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    data = json.loads(done.stdout)
    assert (done.returncode, data["status"], data["ranks"]) == (1, "fail", 2)
