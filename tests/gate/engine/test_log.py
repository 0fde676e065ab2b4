"""The log records of an actor are in its output, each once, whatever handlers the test has."""

import logging
from collections.abc import Iterator
from multiprocessing import shared_memory

import pytest

import shmrace

QUIET, LOUD = logging.getLogger("shmrace.tests.quiet"), logging.getLogger("shmrace.tests.loud")


class Talks(shmrace.Scenario):
    ranks = 1

    def rank(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory(create=True, size=8)
        segment.close()
        segment.unlink()
        print("printed", end="")
        print("", flush=False)
        QUIET.warning("logged %s", "once")
        LOUD.info("as loud as the test wants")
        assert segment.size == 9, "the size is off"


@pytest.fixture
def a_handler_of_the_loggers_own() -> Iterator[None]:
    handler = logging.StreamHandler()
    QUIET.addHandler(handler)
    yield
    QUIET.removeHandler(handler)


@pytest.mark.usefixtures("a_handler_of_the_loggers_own")
def test_nothing_is_lost_and_nothing_is_doubled(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """pytest's handlers keep records in memory, and the logger's own writes to the test's stderr:
    in the actor one line stands for all of them.  The test's own logs and output have none of it.
    The failed assertion shows its values, as in a test."""
    caplog.set_level(logging.INFO, logger=LOUD.name)
    LOUD.info("in the test")
    (finding,) = shmrace.run(Talks).findings
    ((actor, text),) = finding.outputs
    assert actor == "rank0"
    printed, quiet, loud = text.splitlines()
    assert printed == "printed"
    assert quiet.startswith("WARNING  shmrace.tests.quiet:test_log.py:")
    assert quiet.endswith(" logged once")
    assert loud.endswith(" as loud as the test wants")
    assert [record.message for record in caplog.records] == ["in the test"]
    assert capfd.readouterr() == ("", "")
    assert "assert 8 == 9" in finding.detail
