"""Who waits for a peer is told of its failure as soon as that is there, and no later."""

import shmrace
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search


class Raises(shmrace.Scenario):
    """One raises, of which the other is told."""

    @shmrace.actor()
    def one(self, world: shmrace.World) -> None:
        raise ValueError("over")

    @shmrace.actor()
    def other(self, world: shmrace.World) -> None:
        try:
            world.recv("one")
        except shmrace.PeerDied:
            return

    def accept(self, finding: shmrace.Finding, execution: shmrace.Execution) -> bool:
        return True


class WaitsInVain(shmrace.Scenario):
    """Each waits for a message of the other one: a deadlock."""

    @shmrace.actor()
    def one(self, world: shmrace.World) -> None:
        world.recv("other")

    @shmrace.actor()
    def other(self, world: shmrace.World) -> None:
        world.recv("one")


def test_whether_a_peer_that_raised_has_left_already_makes_no_other_class() -> None:
    """one: raises, exits | other: is told.  The exit is in no order with what the other does."""
    verdict = Search(Raises(), SearchOptions.parse(explorer="walk", budget="12 executions")).run()
    assert verdict.trace_classes == 1


def test_a_fault_that_was_not_tried_on_who_waits_in_vain_leaves_a_search_incomplete() -> None:
    """Nobody is left who could go on beside one or other, so that neither is killed there."""
    whole = Search(WaitsInVain(), SearchOptions.parse()).run()
    assert (whole.status, whole.complete) == ("fail", True)
    verdict = Search(WaitsInVain(), SearchOptions.parse(faults=("kill:recv@one",))).run()
    assert not verdict.complete
    assert "no fault was tried on an actor that waits while nobody else can go on" in verdict.note
