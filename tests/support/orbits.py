"""Trace classes up to permutations of the threads: the orbits that symmetry is held against."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

from shmrace.explorers.up_to_symmetry import UpToSymmetry
from shmrace.model.trace import Turn, canonical
from tests.support import model
from tests.support.model import Program, every_class

Form = Callable[[Sequence[Turn]], str]


def up_to_permutations(peers: Sequence[str]) -> Form:
    """The least canonical form of a trace with its threads' names permuted."""

    least: dict[str, str] = {}

    def form(turns: Sequence[Turn]) -> str:
        own = canonical(turns)
        if own not in least:
            others = [dict(zip(peers, names, strict=True)) for names in permutations(peers)]
            images = ([renamed(turn, other) for turn in turns] for other in others)
            least[own] = min(map(canonical, images))
        return least[own]

    def renamed(turn: Turn, other: dict[str, str]) -> Turn:
        signature = tuple(
            (other.get(actor, actor), *rest, other.get(subject, subject))
            for actor, *rest, subject in turn.signature
        )
        return replace(
            turn, actor=other.get(turn.actor, turn.actor),
            signature=signature,  # type: ignore[arg-type]
        )  # fmt: skip

    return form


def orbits(program: Program, peers: Sequence[str]) -> tuple[int, int]:
    """How many classes up to permutations there are, and how many executions were run; every
    class that brute force finds is the image of one that was run."""
    form = up_to_permutations(peers)
    explorer = UpToSymmetry(0, [peers])
    ran = model.explore(program, explorer, form=form)
    expected = every_class(program, form=form)[0]
    assert explorer.complete
    assert set(ran) == expected
    return len(expected), len(ran)


def threads(count: int) -> list[str]:
    return [f"t{number}" for number in range(count)]
