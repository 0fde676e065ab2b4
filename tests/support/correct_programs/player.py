"""What an idiom is given, and the scenario that plays several idioms at once.

An idiom is a generator.  Where it yields, its rank may go on with another idiom.  Between two
yields, what one member waits for is done by the others between the same two yields.  All ranks
come to these parts in one order, which `order` tells, so that no two idioms can wait for each
other in a circle.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shmrace
from shmrace import World

Steps = Iterator[None]
Run = Callable[..., Steps]

IDIOMS: dict[str, "Idiom"] = {}


@dataclass(frozen=True)
class Idiom:
    """`options` holds the values that may be drawn for each keyword of `run`."""

    run: Run
    members: Sequence[int]  # how many ranks may take part
    options: Mapping[str, Sequence[Any]]

    @property
    def name(self) -> str:
        return self.run.__name__


def idiom(*members: int, **options: Sequence[Any]) -> Callable[[Run], Run]:
    """Enter a generator function among the idioms."""

    def enter(run: Run) -> Run:
        IDIOMS[run.__name__] = Idiom(run, members, options)
        return run

    return enter


@dataclass(frozen=True)
class Use:
    """An idiom with its members and options; `tag` sets its names apart."""

    idiom: str
    tag: str
    members: tuple[int, ...]
    options: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        told = "".join(f", {key}={value!r}" for key, value in self.options)
        return f"{self.idiom}({', '.join(map(str, self.members))}{told})"


class Player:
    """One rank's part in one idiom: it is member `me` of `count`."""

    def __init__(self, scenario: "Correct", world: World, rank: int, use: Use) -> None:
        self.scenario = scenario
        self.world = world
        self.me = use.members.index(rank)
        self.count = len(use.members)
        self.tag = use.tag
        self._members = use.members
        self._group = world.group(use.members) if self.count > 1 else world

    def path(self, word: str) -> str:
        """The path to a name of this idiom's own."""
        return f"/dev/shm/{self.tag}{word}"

    def meet(self) -> None:
        """A barrier of all members."""
        if self.count > 1:
            self._group.barrier()

    def tell(self, member: int, what: Any = None) -> None:
        self.world.send(self._members[member], what)

    def hear(self, member: int) -> Any:
        return self.world.recv(self._members[member])

    def overhear(self, member: int) -> Any:
        """What was told, or `BlockingIOError`."""
        return self.world.recv(self._members[member], wait=False)

    def from_first(self, by: str, what: Any = None) -> Any:
        """All others go on after the first member has come here; what it gives."""
        if by == "barrier":
            self.meet()
            return what
        if self.me:
            return self.hear(0)
        for other in range(1, self.count):
            self.tell(other, what)
        return what

    def to_first(self, by: str, what: Any = None) -> list[Any]:
        """The first member goes on after all others have come here; what they give."""
        if by == "barrier":
            self.meet()
            return []
        if self.me:
            self.tell(0, what)
            return []
        return [self.hear(other) for other in range(1, self.count)]


class Correct(shmrace.Scenario):
    """The base of a program's class."""

    _uses: tuple[Use, ...] = ()
    _order: tuple[int, ...] = ()  # places in `_uses`; what is left of each is played in their order

    def rank(self, world: World) -> None:
        rank = world.rank
        parts = {
            place: IDIOMS[use.idiom].run(Player(self, world, rank, use), **dict(use.options))
            for place, use in enumerate(self._uses)
            if rank in use.members
        }
        for place in self._order:
            if place in parts:
                next(parts[place], None)
        for part in parts.values():
            for _ in part:
                pass

    def child(self, world: World, body: Callable[[], Any]) -> Any:
        """What an idiom spawns."""
        return body()
