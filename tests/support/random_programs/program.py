"""A random program as data: which instructions each rank and each child of one runs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from tests.support.random_programs.features import Feature


@dataclass(frozen=True)
class Instruction:
    """An expression over a `Player` `p`."""

    text: str
    feature: Feature


Body = tuple[Instruction, ...]
Item = TypeVar("Item")


@dataclass(frozen=True)
class Program:
    """`seed` tells which one it is; what was made of it by leaving something out keeps it."""

    seed: int
    ranks: tuple[Body, ...]
    children: tuple[Body, ...] = ()
    faults: tuple[str, ...] = ()
    tidy: bool = True
    checkpoints: bool = False
    knows_pids: bool = False

    @property
    def size(self) -> int:
        """How many instructions it has; faults, and gates before each instruction, count too."""
        bodies = sum(len(body) for body in (*self.ranks, *self.children))
        return bodies + len(self.ranks) + len(self.faults) + self.checkpoints

    @property
    def features(self) -> tuple[Feature, ...]:
        used = {one.feature for body in (*self.ranks, *self.children) for one in body}
        return tuple(feature for feature in Feature if feature in used)

    def smaller(self) -> Iterator["Program"]:
        """Programs with one thing less, those that lack most first."""
        for place in reversed(range(len(self.ranks))):
            if len(self.ranks) > 1:
                yield replace(self, ranks=_without(self.ranks, place))
        if self.faults:
            yield replace(self, faults=())
        for place, body in enumerate(self.children):
            if body:
                yield replace(self, children=_with(self.children, place, ()))
        for number in range(len(self.ranks)):
            for place in reversed(range(len(self.ranks[number]))):
                body = _without(self.ranks[number], place)
                yield replace(self, ranks=_with(self.ranks, number, body))
        for number in range(len(self.children)):
            for place in reversed(range(len(self.children[number]))):
                body = _without(self.children[number], place)
                yield replace(self, children=_with(self.children, number, body))
        if self.checkpoints:
            yield replace(self, checkpoints=False)
        if not self.tidy:
            yield replace(self, tidy=True)


def _without(items: tuple[Item, ...], place: int) -> tuple[Item, ...]:
    return items[:place] + items[place + 1 :]


def _with(bodies: tuple[Body, ...], place: int, body: Body) -> tuple[Body, ...]:
    return (*bodies[:place], body, *bodies[place + 1 :])
