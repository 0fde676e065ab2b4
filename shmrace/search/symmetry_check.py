"""Swapped runs: is it true that actors are interchangeable?

Exploring up to symmetry rests on what the scenario declares.  So the first execution, and for a
sample of what is left out (all of the first 20, then every 50th) one of which it would be the image
is run again with the two actors swapped, each turn chosen by the name of who moves.  It must be the
same trace, up to their names.  If it is not, the search starts over without symmetry.  What a
swapped run comes to is judged like any other: `check` and `accept` may know who is who.
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
    """Actors that were declared interchangeable are not; the message says how that was seen."""


class Swaps:
    """The swapped runs of one search."""

    def __init__(self) -> None:
        self.left_out = 0  # so many branches, as far as `check` was told

    def check_first(
        self, session: Session, turns: Sequence[Turn], peers: Peers
    ) -> Iterator[Execution]:
        """The first execution, with the first of each role for each of the others, unless it tells
        them apart: whatever is left out later, this must hold."""
        symmetry = Symmetry(peers)
        told = set().union(*map(symmetry.told_apart, turns))
        for first, *others in peers:
            for other in others:
                if not told & {first, other}:
                    yield _run_swapped(session, LeftOut(Swap(first, other), tuple(turns)))

    def check(self, session: Session, explorer: Explorer) -> Iterator[Execution]:
        """Raises `NotInterchangeable` if the image of what was run is not what it would be."""
        for one in explorer.left_out():
            self.left_out += 1
            if self.left_out <= ALWAYS or self.left_out % EVERY == 0:
                yield _run_swapped(session, one)


def refuse_what_tells_apart(recorded: Observations) -> None:
    """Raises `NotInterchangeable` for what no step tells: a `setup` that knows who it is, and
    whatever was decided by the order of actors."""
    if recorded.told_apart_in_setup:
        raise NotInterchangeable("setup asks which rank it is")
    for word in (Assumption.MESSAGE_ORDER, Assumption.TIMEOUTS):
        if word in recorded.assumed:
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
        return None  # nobody of that name can go on, or somebody still can

    execution = session.run(choose)
    again = execution.turns
    first, second = sorted(swap.pair)
    for place, (turn, other) in enumerate(zip(turns, again, strict=False)):
        if swap.signature(turn) != sorted(other.signature):
            raise NotInterchangeable(
                f"{first} and {second} swapped, turn {place + 1} is {_said(other)}, as opposed to"
                f" {_said(turn)}"
            )
    if len(turns) != len(again):
        raise NotInterchangeable(
            f"{first} and {second} swapped, {wanted[len(again)]} cannot go on after turn"
            f" {len(again)}"
        )
    return execution


def _said(turn: Turn) -> str:
    signatures: Sequence[tuple[str, str, str, str]] = turn.signature
    return ", ".join(f"{actor}.{operation}: {how}" for actor, operation, how, _ in signatures)
