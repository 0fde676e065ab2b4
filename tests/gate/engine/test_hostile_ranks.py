"""Nothing that a rank does ends, holds up or fools the orchestrator.

Each row is one rank, and what is told of it.  The next execution, in another session, works.  That
nothing is left behind is held for each test of this folder.
"""

import re
import time

import pytest

import shmrace
from shmrace.engine.gate.patience import PATIENCE
from tests.support.hostile import RANKS, Hostile, Runs

PASS = ""
ENDED = "without having returned"

TOLD = {
    # what it writes
    "garbage_in_descriptors": (PASS, ""),
    "garbage_in_prints": (PASS, ""),
    "clock_page_overwritten": ("rank-error", "OverflowError"),
    # what it calls
    "own_call_with_any_arguments": (PASS, ""),
    "own_call_with_any_content": (PASS, ""),
    "any_call_with_any_arguments": (PASS, ""),
    "sleep_of_centuries": (PASS, ""),
    "unshares": (PASS, ""),
    "filter_of_its_own": (PASS, ""),
    "not_dumpable": (PASS, ""),
    "traced": (PASS, ""),
    "another_user": (PASS, ""),
    "small_limits": (PASS, ""),
    "root_changed": (PASS, ""),
    "mounts_over": (PASS, ""),
    "unmounts_proc": (PASS, ""),
    "ring": (PASS, ""),
    # what it sends, and how much of it
    "large_exception": ("rank-error", "raised ValueError"),
    "large_note": ("rank-error", "raised ValueError .*: short$"),
    "wide_group": ("rank-error", "a group"),
    "deep_causes": ("rank-error", "raised ValueError .*: another$"),
    "large_result": (PASS, ""),
    "large_print": (PASS, ""),
    "large_label": (PASS, ""),
    "large_name": ("rank-error", "an actor's name is a text of 1 to 100 characters"),
    "unpicklable_result": ("rank-error", "returned what cannot be pickled"),
    # whose code would run where it is read
    "result_that_runs_code": (PASS, ""),
    "exception_that_runs_code": ("rank-error", "raised RunsToo .*: text"),
    "message_that_runs_code": ("rank-error", f"exit status 7, {ENDED}"),
    "exception_without_text": ("rank-error", "its __str__ raised RuntimeError"),
    # what it makes and removes
    "directory_deleted": (PASS, ""),
    "directory_replaced": (PASS, ""),
    "directory_closed": (PASS, ""),
    "fifo_in_shm": ("leaked-fd", "still has a descriptor of seg1"),
    "fifo_in_the_directory": (PASS, ""),
    "terminal": (PASS, ""),
    "segment_of_two_terabytes": (PASS, ""),
    # how it stops, and how it ends
    "stopped_by_itself": ("deadlock", "rank0 waits for SIGCONT: a signal has stopped it"),
    "stopped_and_continued": (PASS, ""),
    "alarm": ("rank-crash", "ended by SIGALRM"),
    "leaves_at_once": ("rank-error", f"exit status 3, {ENDED}"),
    "leaves": ("rank-error", "raised SystemExit .*: 3"),
    "crashes": ("rank-crash", "ended by SIGSEGV"),
    "aborts": ("rank-crash", "ended by SIGABRT"),
    "base_exception": ("rank-error", "raised BaseException .*: base"),
    "interrupt": ("rank-error", "raised KeyboardInterrupt"),
    "recursion": ("rank-error", "raised RecursionError"),
    "executes": (PASS, ""),
    "closes_everything": (PASS, ""),
    "fork_that_returns": (PASS, ""),
    "exit_handler_that_raises": (PASS, ""),
    # whom it starts, and whom it kills
    "twenty_children": (PASS, ""),
    "threads_left_behind": (PASS, ""),
    "daemon": (PASS, ""),
    "kills_its_parent": (PASS, ""),
    "kills_all": (PASS, ""),
}
BY_HAND = ["rank0 made the call of shmrace by hand"]


def test_each_of_them_has_its_row() -> None:
    """A rank that spins has a test of its own, for it takes the patience."""
    assert sorted(TOLD) == sorted({*RANKS} - {"spins"})


@pytest.mark.parametrize("rank", TOLD)
def test_a_rank_is_told_as_what_it_is(rank: str) -> None:
    """The kind of the first finding and its message; the next execution works."""
    kind, message = TOLD[rank]
    execution = shmrace.run(Hostile(what=rank))
    lines = [finding.first_line for finding in execution.findings]
    assert [finding.kind for finding in execution.findings][:1] == ([kind] if kind else []), lines
    assert not kind or re.search(message, lines[0])
    assert all(len(line) < 15_000 for line in lines)
    assert execution.results["rank1"] == "fine"
    assert shmrace.run(Hostile(what="ring")).results == {"rank0": None, "rank1": "fine"}


@pytest.mark.parametrize("rank", ["own_call_with_any_arguments", "own_call_with_any_content"])
def test_the_call_of_shmrace_by_hand_is_no_call(rank: str) -> None:
    """It fails as it does elsewhere, which the verdict tells."""
    verdict = shmrace.explore(Hostile(what=rank))
    assert (verdict.status, list(verdict.refused)) == ("pass", BY_HAND)


def test_a_rank_that_spins_is_waited_for_once() -> None:
    """To see it again, in fresh processes and with its stack, it is waited for a fifth as long."""
    began = time.monotonic()
    verdict = shmrace.explore(Hostile(what="spins"))
    assert [finding.kind for finding in verdict.findings] == ["hang"]
    assert "hostile.py:" in verdict.findings[0].first_line
    assert time.monotonic() - began < 3 * PATIENCE


def test_a_result_that_runs_code_is_opened_by_the_user_alone() -> None:
    """What the orchestrator knows of it are its type and its text."""
    result = shmrace.run(Hostile(what="result_that_runs_code")).results["rank0"]
    assert result.type == Runs.__name__
    with pytest.raises(AttributeError, match=r"what shmrace knows of a Runs .* is \.unpickle"):
        result.shape  # noqa: B018


def test_a_text_says_how_much_of_it_was_left_out() -> None:
    execution = shmrace.run(Hostile(what="large_exception"))
    assert execution.endings["rank0"].message.endswith("... (19,990,000 more characters left out)")
    execution = shmrace.run(Hostile(what="large_print"))
    assert execution.output("rank0").endswith("more bytes left out)\n")
    large = shmrace.run(Hostile(what="large_result")).results["rank0"]
    assert (large.type, len(large.unpickle())) == ("str", 20_000_000)


def test_a_search_over_a_directory_that_is_deleted_is_no_nondeterminism() -> None:
    """Each execution begins with an empty directory, whatever the one before has done to it."""
    assert shmrace.explore(Hostile(what="directory_deleted")).proof
    assert shmrace.explore(Hostile(what="directory_replaced")).proof
