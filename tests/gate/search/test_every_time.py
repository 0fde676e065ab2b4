"""Every schedule is said to fail only if none passes, however schedules are told apart."""

import os

import shmrace
from shmrace.reports.formats import text

PATH = "/dev/shm/a"


class Links(shmrace.Scenario):
    """The keeper asks how many names its file has; a sweeper unlinks it before or after that."""

    wanted = 0

    @shmrace.actor()
    def sweeper(self, world: shmrace.World) -> None:
        world.recv("keeper")
        os.unlink(PATH)

    @shmrace.actor()
    def keeper(self, world: shmrace.World) -> None:
        descriptor = os.open(PATH, os.O_RDWR | os.O_CREAT)
        world.send("sweeper", None)
        links = os.fstat(descriptor).st_nlink
        os.close(descriptor)
        assert links == self.wanted, f"{links} names"


def test_a_schedule_that_differs_only_in_the_number_of_names_is_no_plain_bug() -> None:
    verdict = shmrace.explore(Links(wanted=1))
    (finding,) = verdict.findings
    assert finding.kind == "assertion"
    often = finding.explanation.frequency
    assert often is not None and (often.found, often.schedules, often.all_run) == (1, 2, True)
    assert "plain bug" not in text.report(verdict)


def test_what_fails_for_any_number_of_names_is_a_plain_bug() -> None:
    verdict = shmrace.explore(Links(wanted=3))
    (finding,) = verdict.findings
    often = finding.explanation.frequency
    assert often is not None and often.every_time
    assert "a plain bug, not a race" in text.report(verdict)
