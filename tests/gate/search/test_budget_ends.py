"""A budget ends the execution that is under way, with what was found until then."""

import os
from pathlib import Path

import shmrace
from shmrace import World
from shmrace.model.verdict import Verdict
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search

X = "/dev/shm/x"


class NeverEnds(shmrace.Scenario):
    """A name is made and removed, again and again; with a `marker`, only if that file is there."""

    marker = ""

    @shmrace.actor()
    def maker(self, world: World) -> None:
        if self.marker and not os.path.exists(self.marker):
            os.close(os.open(self.marker, os.O_CREAT | os.O_RDWR))
            raise ValueError("the first time")
        while True:
            os.close(os.open(X, os.O_CREAT | os.O_RDWR))
            os.unlink(X)


def search(scenario: shmrace.Scenario, seconds: float) -> Verdict:
    return Search(scenario, SearchOptions.parse(budget=Budget(seconds))).run()


def test_an_execution_without_an_end_is_ended_with_the_budget() -> None:
    verdict = search(NeverEnds(), 0.4)
    assert (verdict.status, verdict.executions, verdict.complete) == ("inconclusive", 0, False)
    assert verdict.reason.startswith("the budget was used up in the first execution, after ")
    assert verdict.reason.endswith(" turns: give it more time, as by --budget 5m")


def test_a_finding_is_told_although_no_time_is_left_to_confirm_it(tmp_path: Path) -> None:
    """maker: raises | again, in a fresh process: goes on for ever, until the budget is used up."""
    verdict = search(NeverEnds(marker=str(tmp_path / "marker")), 1.0)
    assert (verdict.status, verdict.complete) == ("fail", False)
    assert [finding.kind for finding in verdict.findings] == ["rank-error"]
    assert "the budget was used up before the finding was shrunk and confirmed" in verdict.note
