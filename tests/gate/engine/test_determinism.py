"""The same schedule gives the same trace, step for step, also while both cores are busy."""

import os
import signal
from collections.abc import Iterator

import pytest

import shmrace
from shmrace.engine.choosers import by_schedule
from shmrace.engine.session import Session
from shmrace.scenario import loading
from tests.support.programs import Counted


@pytest.fixture
def busy_cores() -> Iterator[None]:
    """Both cores burn while the test runs."""
    burners = []
    for _ in range(os.cpu_count() or 1):
        pid = os.fork()
        if pid == 0:
            while True:
                pass
        burners.append(pid)
    yield
    for pid in burners:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@pytest.mark.parametrize("times", [20, pytest.param(100, marks=pytest.mark.reference)])
@pytest.mark.parametrize("busy", [False, True])
def test_a_token_replays_to_the_same_trace_each_time(
    busy: bool, times: int, request: pytest.FixtureRequest
) -> None:
    """Nine of ten in kept processes and one in fresh ones; also while every core is busy.  Twenty
    times in each run, and a hundred times with `-m reference`."""
    kind = loading.load("sglang-deferred")
    (finding,) = shmrace.explore(kind).findings
    expected = [step.signature for step in finding.trace]
    if busy:
        request.getfixturevalue("busy_cores")
    with Session(kind()) as session:
        for number in range(times):
            fresh = number % 10 == 9
            execution = session.run(by_schedule(finding.schedule), fresh=fresh)
            assert [step.signature for step in execution.trace] == expected
    assert [step.signature for step in shmrace.run(kind, finding.token).trace] == expected


def test_names_are_the_same_in_every_run() -> None:
    """Random bytes follow from who asks for them, so even quoted names repeat."""
    messages = set()
    for _ in range(2):
        with pytest.raises(shmrace.MissingSegment) as caught:
            shmrace.run(loading.load("sglang-deferred")).check()
        messages.add(str(caught.value))
    assert len(messages) == 1


def test_a_count_in_shared_bytes_is_explored_although_no_call_touches_it() -> None:
    """Both ranks read 2 before one writes 1: nobody unlinks.  Only the bytes tell that the two
    checkpoints are not independent."""
    verdict = shmrace.explore(Counted, budget="30s")
    assert [finding.kind for finding in verdict.findings] == ["leak"]
    assert "data-races" in verdict.assumes
