"""Code of CPython and NumPy under deaths, failing calls, full disks and outsiders.

Each scenario finds what its docstring says it must, and its fixed form finds nothing.
"""

from typing import Any

import pytest

from shmrace.model.verdict import Verdict
from shmrace.scenario import loading
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search


def search(name: str, *faults: str, **parameters: Any) -> Verdict:
    scenario = loading.load(name)(**parameters)
    return Search(
        scenario, SearchOptions.parse(budget=Budget(100), faults=faults, keep_going=True)
    ).run()


def kinds(verdict: Verdict) -> set[str]:
    return {finding.kind for finding in verdict.findings}


@pytest.mark.parametrize(
    ("name", "fault", "found"),
    [
        ("cpython-failed-attach", "ENOMEM:map@rank*", {"missing-segment", "double-unlink"}),
        ("cpython-creator-dies", "kill:size@creator", {"leak"}),
        ("swept-from-outside", "wipe", {"missing-segment"}),
    ],
)
def test_a_fault_brings_out_what_no_schedule_does(name: str, fault: str, found: set[str]) -> None:
    """BUGS: gh-153279, gh-92408, mlcommons/storage #528.  Every class is run with and without."""
    struck = search(name, fault)
    assert (kinds(struck), struck.complete) == (found, True)
    assert all(finding.faults for finding in struck.findings)
    spared = search(name)
    assert (spared.status, spared.complete) == ("pass", True)


@pytest.mark.parametrize(
    ("name", "fix", "found"),
    [
        ("full-shm", "reserve", {"rank-crash"}),
        ("view-without-export", "copy", {"rank-crash"}),
        ("attach-before-size", "announced", {"half-born-attach"}),
        ("inherited-exit-handler", "owner_only", {"missing-segment"}),
    ],
)
def test_the_fixed_order_has_none_of_what_the_other_has(
    name: str, fix: str, found: set[str]
) -> None:
    """BUGS: gh-114390 and SGLang #30602, gh-102349, dimos #3671, LMCache #4917."""
    assert kinds(search(name)) == found
    fixed = search(name, **{fix: True})
    assert (fixed.status, fixed.complete) == ("pass", True)


def test_a_crash_is_named_by_its_signal_and_the_line_that_touched_the_page() -> None:
    (bus,) = search("full-shm").findings
    assert bus.message.startswith("writer ended by SIGBUS after map")
    (fault,) = search("view-without-export").findings
    assert fault.message.startswith("reader ended by SIGSEGV after unlink")
