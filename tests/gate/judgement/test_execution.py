"""A scenario's `check` is asked after every whole execution that has nothing worse to tell."""

import os

import shmrace


class Restart(shmrace.Scenario):
    """The first generation unlinks its region at its end; the second must find a fresh one."""

    @shmrace.actor()
    def supervisor(self, world: shmrace.World) -> None:
        world.spawn(self.engine, name="first").join()
        world.spawn(self.engine, name="second").join()

    def engine(self, world: shmrace.World) -> int:
        region = os.open("/dev/shm/region", os.O_RDWR | os.O_CREAT)
        found = os.fstat(region).st_size  # 0 if it is fresh
        os.ftruncate(region, 4096)
        os.close(region)
        if world.name == "first":
            os.unlink("/dev/shm/region")
        return found

    def accept(self, finding: shmrace.Breach, execution: shmrace.Execution) -> bool:
        return finding.kind == "leak"

    def check(self, execution: shmrace.Execution) -> None:
        assert not execution.results.get("second"), "the second has what the first left behind"


def test_an_accepted_finding_does_not_keep_check_from_being_asked() -> None:
    """The first is killed between its size and its unlink: the leak is accepted, and the second
    generation then finds 4096 bytes, which is not."""
    verdict = shmrace.explore(Restart, faults=["kill@first"])
    (finding,) = verdict.findings
    assert finding.kind == "invariant"
    assert finding.message.endswith("the second has what the first left behind")
    assert verdict.accepted == {"leak": verdict.accepted["leak"]}


def test_by_hand_an_accepted_finding_hides_no_failed_check() -> None:
    with shmrace.begin(Restart) as execution:
        execution.advance("supervisor")
        execution.advance("first", until="unlink")
        execution.kill("first")
    assert [finding.kind for finding in execution.findings] == ["invariant"]


def test_check_is_not_asked_about_an_execution_that_failed_for_another_reason() -> None:
    """What it would complain of follows from the finding."""

    class Fails(Restart):
        def accept(self, finding: shmrace.Breach, execution: shmrace.Execution) -> bool:
            return False

    verdict = shmrace.explore(Fails, faults=["kill@first"])
    assert [finding.kind for finding in verdict.findings] == ["leak"]
