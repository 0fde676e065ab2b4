"""The same schedule gives the same trace, step for step, also while both cores are busy."""

import os
import signal
from collections.abc import Iterator

import pytest

import shmrace
from shmrace import catalogue
from tests.engine.programs import Counted


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


def test_a_token_replays_to_the_same_trace_a_hundred_times() -> None:
    """One fork server, a hundred executions, one trace."""
    kind = catalogue.load("sglang-deferred")
    verdict = shmrace.explore(kind)
    from shmrace.engine.session import Session
    from shmrace.execution import pick

    (finding,) = verdict.findings
    traces = set()
    with Session(kind()) as session:
        for _ in range(100):
            execution = session.run(lambda one: pick(one, finding.schedule))
            traces.add(tuple(step.signature for step in execution.trace))
    assert traces == {tuple(step.signature for step in finding.trace)}


@pytest.mark.usefixtures("busy_cores")
def test_a_token_replays_to_the_same_trace_while_both_cores_are_busy() -> None:
    kind = catalogue.load("sglang-deferred")
    (finding,) = shmrace.explore(kind).findings
    expected = [step.signature for step in finding.trace]
    for _ in range(3):
        execution = shmrace.run(kind, finding.token)
        assert [step.signature for step in execution.trace] == expected


def test_names_are_the_same_in_every_run() -> None:
    """Random bytes follow from who asks for them, so even quoted names repeat."""
    messages = set()
    for _ in range(2):
        with pytest.raises(shmrace.MissingSegment) as caught:
            shmrace.run(catalogue.load("sglang-deferred")).check()
        messages.add(str(caught.value))
    assert len(messages) == 1


def test_a_count_in_shared_bytes_is_explored_although_no_call_touches_it() -> None:
    """Both ranks read 2 before one writes 1: nobody unlinks.  Only the bytes tell that the two
    checkpoints are not independent."""
    verdict = shmrace.explore(Counted, budget="30s")
    assert [finding.kind for finding in verdict.findings] == ["leak"]
    assert "data-races" in verdict.assumes
