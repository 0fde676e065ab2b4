"""What each kind of fault does to real processes, and what counts as a finding then."""

import atexit
import errno
import signal
from multiprocessing import shared_memory
from types import FrameType

import pytest

import shmrace
from shmrace.model.verdict import Verdict
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search


class OwnsOne(shmrace.Scenario):
    """An actor with a segment that `how` takes away at its end."""

    how = "unlink"

    @shmrace.actor()
    def owner(self, world: shmrace.World) -> str:
        segment = shared_memory.SharedMemory("owned", create=True, size=64)
        segment.close()
        if self.how == "atexit":
            atexit.register(segment.unlink)
        elif self.how == "handler":

            def clean_up(number: int, frame: FrameType | None) -> None:
                segment.unlink()
                raise SystemExit(1)

            signal.signal(signal.SIGTERM, clean_up)
        try:
            world.checkpoint("made")
        except shmrace.InjectedFault:
            return "survived"
        finally:
            if self.how == "unlink":
                segment.unlink()
        world.checkpoint("done")
        return "done"

    def check(self, execution: shmrace.Execution) -> None:
        if not execution.deaths and self.how == "unlink":
            assert execution.results["owner"] in ("survived", "done")


def struck(how: str, *faults: str) -> Verdict:
    scenario = OwnsOne(how=how)
    return Search(
        scenario, SearchOptions.parse(budget=Budget(60), faults=faults, keep_going=True)
    ).run()


def where(verdict: Verdict) -> list[str]:
    return [fault for finding in verdict.findings for fault in finding.faults]


def test_an_exit_runs_the_exit_handlers() -> None:
    """So it leaks only until the handler is registered, and a kill always does."""
    left = struck("atexit", "exit:checkpoint")
    assert (left.status, left.complete) == ("pass", True)
    killed = struck("atexit", "kill:checkpoint")
    assert [finding.kind for finding in killed.findings] == ["leak"]
    assert where(killed) == ["kill:checkpoint@owner"]


def test_a_termination_runs_the_handler_that_the_code_has_set_or_kills() -> None:
    handled = struck("handler", "term:checkpoint")
    assert handled.findings == () or where(handled) == []
    killed = struck("atexit", "term:checkpoint")
    (finding,) = killed.findings
    assert finding.message.startswith("seg0 stays in /dev/shm: owner was ended by SIGTERM")
    assert finding.faults == ("term:checkpoint@owner",)


def test_an_exception_at_a_checkpoint_may_be_survived() -> None:
    verdict = struck("unlink", "raise:made")
    assert (verdict.status, verdict.complete, verdict.executions) == ("pass", True, 2)


class Shares(shmrace.Scenario):
    """One segment, which each rank maps before rank 0 unlinks it."""

    ranks = 2

    def sender(self, world: shmrace.World) -> str:
        segment = shared_memory.SharedMemory("shared", create=True, size=64)
        segment.close()
        return segment.name

    def rank(self, world: shmrace.World, name: str) -> None:
        segment = shared_memory.SharedMemory(name)
        world.barrier()
        segment.close()
        if world.rank == 0:
            segment.unlink()


def test_a_failing_call_is_not_run_and_its_actor_goes_on_from_there() -> None:
    """rank1 cannot attach: it raises, which is no finding, and nobody comes to the barrier."""
    verdict = Search(
        Shares(), SearchOptions.parse(faults=["EMFILE:attach@rank1"], keep_going=True)
    ).run()
    (finding,) = verdict.findings
    assert (finding.kind, finding.faults) == ("leak", ("EMFILE:attach@rank1",))
    assert any("rank1 raised OSError: EMFILE had struck it" in one for one in finding.consequences)
    (step,) = [step for step in finding.trace if step.detail == "injected"]
    assert (step.actor, step.operation, step.name) == ("rank1", "attach", "seg0")
    assert step.outcome == errno.errorcode[errno.EMFILE]
    assert not any(one.operation == "map" for one in finding.trace if one.actor == "rank1")


def test_an_interrupted_call_is_made_again_by_python() -> None:
    verdict = Search(Shares(), SearchOptions.parse(faults=["EINTR:attach"], keep_going=True)).run()
    assert (verdict.status, verdict.complete) == ("pass", True)


@pytest.mark.parametrize("fault", ["unlink", "wipe"])
def test_an_outsider_takes_a_name_away_at_every_step_in_turn(fault: str) -> None:
    """Before a rank attaches it is missing; after that its owner unlinks it a second time."""
    verdict = Search(Shares(), SearchOptions.parse(faults=[fault], keep_going=True)).run()
    assert verdict.complete
    assert {one.kind for one in verdict.findings} == {"missing-segment", "double-unlink"}
    assert all(one.faults == (fault,) for one in verdict.findings)
    first = next(one for one in verdict.findings if one.kind == "missing-segment")
    assert first.message.startswith("outsider unlinks seg0 before rank")


def test_the_same_execution_is_replayed_by_its_token_and_by_its_schedule() -> None:
    (finding,) = struck("atexit", "term:checkpoint").findings
    for given in (finding.token, finding.schedule):
        execution = shmrace.run(OwnsOne(how="atexit"), given)
        assert [(one.actor, one.operation, one.outcome) for one in execution.trace] == [
            (one.actor, one.operation, one.outcome) for one in finding.trace
        ]
        with pytest.raises(shmrace.Leak):
            execution.check()


def test_two_faults_strike_where_two_may() -> None:
    """A rank that dies and an outsider that cleans up behind it: nothing is left."""
    alone = Search(
        Shares(ranks=1), SearchOptions.parse(faults=["kill:unlink@rank0"], keep_going=True)
    ).run()
    assert [one.kind for one in alone.findings] == ["leak"]
    both = Search(
        Shares(ranks=1),
        SearchOptions.parse(faults=["kill:unlink@rank0", "wipe"], max_faults=2, keep_going=True),
    ).run()
    assert both.complete
    assert any(len(one.faults) == 1 for one in both.findings)
    assert both.executions > alone.executions
