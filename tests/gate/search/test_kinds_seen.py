"""Kinds of finding that a search meets while it counts the first one are told with it."""

import os

import pytest

import shmrace
from shmrace.judgement.execution import Execution
from shmrace.model.verdict import Simplicity
from shmrace.reports.formats import text
from shmrace.search import counting, findings
from shmrace.search.options import SearchOptions
from shmrace.search.progress import Progress
from shmrace.search.search import Search

PATH, READS = "/dev/shm/a", "/dev/shm/reads"


class Two(shmrace.Scenario):
    """The reader misses the file, or the owner sees that the reader is there."""

    steps = 1  # of the reader before it looks, so that it needs more steps than the owner

    @shmrace.actor()
    def owner(self, world: shmrace.World) -> None:
        os.close(os.open(PATH, os.O_RDWR | os.O_CREAT))
        os.unlink(PATH)
        assert not os.path.exists(READS), "the reader is there"

    @shmrace.actor()
    def reader(self, world: shmrace.World) -> None:
        for nth in range(self.steps):
            world.checkpoint(f"step {nth}")
        os.close(os.open(PATH, os.O_RDONLY))
        os.mkdir(READS)
        os.rmdir(READS)


def test_another_kind_is_mentioned_with_how_often_and_how_to_see_it() -> None:
    verdict = shmrace.explore(Two)
    (finding,), (other,) = verdict.findings, verdict.also
    assert (finding.kind, other.kind) == ("missing-segment", "assertion")
    for one in (finding, other):
        assert one.simplicity is Simplicity.SIMPLEST
        frequency = one.explanation.frequency
        assert frequency is not None and frequency.all_run and frequency.found > 0
        assert one.token
    assert other.preemptions == 2
    told = text.report(verdict)
    assert f"  ALSO SEEN  {other.first_line}."[:60] in told
    assert other.token in told
    assert verdict.executions == verdict.trace_classes


def test_an_assertion_that_another_kind_breaks_does_not_hold() -> None:
    """What breaks an invariant may have been met only while another kind was counted."""

    class Leaks(Two):
        @shmrace.actor()
        def owner(self, world: shmrace.World) -> None:
            os.close(os.open(PATH, os.O_RDWR | os.O_CREAT))
            if not os.path.exists(READS):
                os.unlink(PATH)

    verdict = shmrace.explore(Leaks)
    kinds = [one.kind for one in (*verdict.findings, *verdict.also)]
    assert sorted(kinds) == ["leak", "missing-segment"]
    assert verdict.assertions["no_leaks"] == verdict.assertions["no_missing_segment"] == "broken"


def test_what_needs_least_is_told_first_although_it_is_met_later() -> None:
    """Fewer faults and preemptions count, and then fewer steps.

    The drawn schedules of this seed meet the interrupted reader's assertion before the rest.
    """

    class Late(shmrace.Scenario):
        ranks = 2

        def rank(self, world: shmrace.World) -> None:
            descriptor = os.open(f"{PATH}{world.rank}", os.O_RDWR | os.O_CREAT)
            world.checkpoint("open")
            others = len(os.listdir("/dev/shm"))
            os.unlink(f"{PATH}{world.rank}")
            os.close(descriptor)
            assert others == 1, "somebody was there"
            raise ValueError("each time")

    verdict = shmrace.explore(Late, explorer="walk", seed=1, budget="40 executions")
    assert [one.kind for one in verdict.findings] == ["rank-error"]
    assert [one.kind for one in verdict.also] == ["assertion"]
    assert verdict.findings[0].preemptions == 0 < verdict.also[0].preemptions


def test_a_finding_that_was_interrupted_is_not_called_the_simplest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl-C while the finding is shrunk: it is shown as it was found."""

    def watch(progress: Progress) -> None:
        if progress.doing == "shrinking":
            raise KeyboardInterrupt

    told = Search(Two(), SearchOptions.parse(), watcher=watch, interruptible=True).run()
    (finding,) = told.findings
    assert finding.simplicity is Simplicity.AS_FOUND
    report = text.report(told)
    assert "Shown: the schedule in which it was found, with no preemption; there may be" in report
    assert "simplest" not in report
    assert "interrupted before the finding was shrunk and confirmed" in report


def test_a_schedule_that_was_given_is_not_called_the_simplest() -> None:
    execution = shmrace.run(Two, [1, 1])
    assert isinstance(execution, Execution) and execution.verdict is not None
    assert "Shown: the schedule that was given, with" in text.report(execution.verdict)


def test_a_finding_that_takes_too_many_tries_is_not_called_the_simplest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shmrace.search.shrink._MOST_TRIES", 0)
    (finding,) = shmrace.explore(Two, explorer="walk", seed=3).findings
    assert finding.simplicity is Simplicity.SIMPLIFIED


def test_a_large_search_counts_for_a_short_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once enough executions were counted, the shorter limit holds; a small search is counted to
    its end."""
    monkeypatch.setattr(counting, "SECONDS", 60.0)
    monkeypatch.setattr(counting, "AT_LEAST", 0.0)
    monkeypatch.setattr(counting, "MANY", 2)
    monkeypatch.setattr(findings, "OTHER_KINDS", 0.0)
    assert shmrace.explore(Two(steps=4)).executions == 3
    monkeypatch.setattr(counting, "MANY", 100)
    assert shmrace.explore(Two(steps=4)).complete
