"""Swapped runs: they check that actors are interchangeable, as the scenario declares.

Exploration up to symmetry leaves out executions that are the images of others: two actors have
swapped their parts.  A swapped run is such an image, run after all.  It runs the original's turns
again, each by the other actor of the two.  It must give the same trace, up to the names of the two.
If it does not, the search starts over without symmetry.

Swapped runs are made of the first execution, of each of the first 20 images that were left out, and
of every 50th image after those.  Their findings count like those of any execution, because `check`
and `accept` may treat the actors differently.
"""

from collections.abc import Iterator, Sequence

from shmrace.engine.execution import Execution
from shmrace.engine.session import Session
from shmrace.engine.state.observations import Observations
from shmrace.explorers.interface import Explorer
from shmrace.explorers.symmetry import LeftOut, Swap, Symmetry
from shmrace.model.assumptions import Assumption
from shmrace.model.trace import Turn
from shmrace.search.repeats import ALWAYS, EVERY

Peers = Sequence[Sequence[str]]


class NotInterchangeable(Exception):
    """Actors that were declared interchangeable are not; the message says how they differ."""


class Swaps:
    """The swapped runs of one search."""

    def __init__(self) -> None:
        self.left_out = 0  # the number of images that the explorer has reported

    def check_first(
        self, session: Session, turns: Sequence[Turn], peers: Peers
    ) -> Iterator[Execution]:
        """Swap the first actor of each role with each other one, in the first execution.

        Two actors are not swapped if the execution tells them apart.  Raises `NotInterchangeable`
        if a swapped run differs.
        """
        symmetry = Symmetry(peers)
        told = set().union(*map(symmetry.told_apart, turns))
        for first, *others in peers:
            for other in others:
                if not told & {first, other}:
                    yield _run_swapped(session, LeftOut(Swap(first, other), tuple(turns)))

    def check(self, session: Session, explorer: Explorer) -> Iterator[Execution]:
        """Swapped runs: a sample of the images that the explorer left out since the last call.

        Raises `NotInterchangeable` if a swapped run differs.
        """
        for one in explorer.left_out():
            self.left_out += 1
            if self.left_out <= ALWAYS or self.left_out % EVERY == 0:
                yield _run_swapped(session, one)


def refuse_what_tells_apart(observations: Observations) -> None:
    """Raise `NotInterchangeable` for differences between actors that no step shows.

    There are two: `setup` reads its rank, or the order of the actors decided something.
    """
    if observations.told_apart_in_setup:
        raise NotInterchangeable("setup asks which rank it is")
    for word in (Assumption.MESSAGE_ORDER, Assumption.TIMEOUTS):
        if word in observations.assumed:
            raise NotInterchangeable(f"the order of actors decided something ({word})")


def _run_swapped(session: Session, left_out: LeftOut) -> Execution:
    swap, turns = left_out.swap, left_out.turns
    wanted = [swap.text(turn.actor) for turn in turns]

    def choose(execution: Execution) -> int | None:
        place = len(execution.turns)
        if place < len(wanted):
            for index, choice in enumerate(execution.choices()):
                if choice.who == wanted[place]:
                    return index
        return None  # the wanted actor cannot move, or an actor can move after the last turn

    execution = session.run(choose)
    again = execution.turns
    first, second = sorted(swap.pair)
    for place, (turn, other) in enumerate(zip(turns, again, strict=False)):
        if swap.signature(turn) != sorted(other.signature):
            raise NotInterchangeable(
                f"{first} and {second} swapped, turn {place + 1} is {_text(other)}, as opposed to"
                f" {_text(turn)}"
            )
    if len(turns) != len(again):
        raise NotInterchangeable(
            f"{first} and {second} swapped, {wanted[len(again)]} cannot go on after turn"
            f" {len(again)}"
        )
    return execution


def _text(turn: Turn) -> str:
    signatures: Sequence[tuple[str, str, str, str]] = turn.signature
    return ", ".join(f"{actor}.{operation}: {how}" for actor, operation, how, _ in signatures)
