"""Symmetry: of several interchangeable actors, one is tried for all that are alike.

Two actors of a role are *alike* at a node if swapping their names leaves the trace class of the
prefix as it is, and neither is told apart in the prefix or behind it.  What follows if the one goes
on is then the image of what follows if the other does.  So once the one is done, the other counts
as tried too, and sleeps.  The search is optimal DPOR over a tree in which some subtrees are images,
and complete as that is if each race of an image is reversed as well (`mirror`).  No image is made
of a subtree in which one of the two was told apart.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

from shmrace.explorers.footprint import Event
from shmrace.explorers.history import History
from shmrace.model.objects import Accesses, Object, ObjectKind, channel_into
from shmrace.model.operations import Operation
from shmrace.model.trace import Turn

_TELLS_APART = (Operation.RANK, Operation.SPAWN)
"""What makes an actor know who it is: it asked, or its child got a name that depends on who was
first."""


class Swap:
    """Two actors' names, each put for the other wherever they stand: in rank0/1, in rank0#0."""

    def __init__(self, first: str, second: str) -> None:
        self.pair = frozenset((first, second))
        self._other = {first: second, second: first}
        self._names = re.compile(rf"(?<!\w)(?:{re.escape(first)}|{re.escape(second)})(?!\w)")
        self._texts: dict[str, str] = {}
        self._accesses: dict[Accesses, Accesses] = {}

    def text(self, text: str) -> str:
        found = self._texts.get(text)
        if found is None:
            found = self._names.sub(lambda match: self._other[match.group()], text)
            self._texts[text] = found
        return found

    def signature(self, turn: Turn) -> list[tuple[str, str, str, str]]:
        """That of the turn's image; in no order, since waits end in the order of actors."""
        return sorted(
            (self.text(actor), operation, outcome, self.text(subject))
            for actor, operation, outcome, subject in turn.signature
        )

    def turn(self, turn: Turn, moved: Sequence[int]) -> Turn:
        """The turn's image; `moved` says where the turns went that precede the swap."""

        def places(turns: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(sorted(moved[one] if one < len(moved) else one for one in turns))

        return replace(
            turn,
            actor=self.text(turn.actor),
            accesses=self._touched(turn.accesses),
            after=places(turn.after),
            told_by=places(turn.told_by),
            released_by=places(turn.released_by),
            moved=tuple(sorted(map(self.text, turn.moved))),
            signature=tuple(self.signature(turn)),
        )

    def _object(self, one: Object) -> Object:
        whose = tuple(map(self.text, one.whose))
        if one.kind is ObjectKind.CHANNEL_INTO:  # it is sorted
            return channel_into(whose)
        return Object(one.kind, whose)

    def _touched(self, accesses: Accesses) -> Accesses:
        """A name of ``/dev/shm`` may read like an actor's: it is kept as well."""
        found = self._accesses.get(accesses)
        if found is None:
            kept = {access for access in accesses if access[0].kind is ObjectKind.NAME}
            found = frozenset({(self._object(one), mode) for one, mode in accesses} | kept)
            self._accesses[accesses] = found
        return found


@dataclass(eq=False)
class LeftOut:
    """A branch that was not run because its image was: `turns` ran, and may be run swapped."""

    swap: Swap
    turns: tuple[Turn, ...]
    reported: bool = False  # already returned by `left_out()`


@dataclass(frozen=True, slots=True)
class Image(Event):
    """What a party would do, as one that is like it did it."""

    stands_for: LeftOut


@dataclass(frozen=True)
class Likeness:
    """A swap that leaves a prefix as it is, and where it puts each of its turns."""

    swap: Swap
    moved: tuple[int, ...]

    @property
    def moves_nothing(self) -> bool:
        return all(place == index for index, place in enumerate(self.moved))


class Symmetry:
    """Which actors are alike; `roles` holds the names of those that a scenario declares so."""

    def __init__(self, roles: Sequence[Sequence[str]]) -> None:
        self._peers = {name: tuple(role) for role in roles for name in role}
        self.told = False  # was anybody ever told apart?
        self._swaps: dict[frozenset[str], Swap] = {}

    def told_apart(self, turn: Turn) -> set[str]:
        """The actors that this turn tells apart from their peers."""
        found = set()
        for actor, operation, _, subject in turn.signature:
            if operation in _TELLS_APART:
                found |= {_base(actor), subject} & self._peers.keys()
        return found

    def likenesses(
        self, history: History, place: int, party: str, others: Sequence[str]
    ) -> Sequence[Likeness]:
        """Who out of the others is like a party, before the turn with this index."""
        own = _base(party)
        events = history.events[:place]
        told = {name for event in events for name in self.told_apart(event.turn)}
        if own not in self._peers or own in told:
            return ()
        found = []
        for other in self._peers[own]:
            swap = self._swap(own, other)
            if other in told or other == own or swap.text(party) not in others:
                continue
            moved = _moved(events, history.past, swap)
            if moved is not None:
                found.append(Likeness(swap, moved))
        return found

    def images(
        self, history: History, place: int, alike: Sequence[Likeness], told: set[str]
    ) -> list[Image]:
        """What those that are alike would do instead of the turn with this index.  `told` were told
        apart behind it."""
        turns = tuple(event.turn for event in history.events)
        found = []
        for likeness in alike:
            if not likeness.swap.pair & told:
                event = history.event(likeness.swap.turn(turns[place], likeness.moved))
                seen = {one.name: getattr(event, one.name) for one in fields(event)}
                found.append(Image(**seen, stands_for=LeftOut(likeness.swap, turns)))
        return found

    def _swap(self, first: str, second: str) -> Swap:
        pair = frozenset((first, second))
        if pair not in self._swaps:
            self._swaps[pair] = Swap(first, second)
        return self._swaps[pair]


def _moved(events: Sequence[Event], past: Sequence[int], swap: Swap) -> tuple[int, ...] | None:
    """Where each turn goes if the names are swapped; None if that is another trace class."""
    counts: dict[str, int] = {}
    places: dict[tuple[str, int], int] = {}
    for index, event in enumerate(events):
        nth = counts.get(event.party, 0)
        counts[event.party] = nth + 1
        places[event.party, nth] = index
    if any(counts.get(swap.text(party), 0) != count for party, count in counts.items()):
        return None
    moved = tuple(places[swap.text(party), nth] for party, nth in places)
    for event, place in zip(events, moved, strict=True):
        if swap.signature(event.turn) != sorted(events[place].turn.signature):
            return None
    for index, place in enumerate(moved):
        if sum(1 << moved[one] for one in _members(past[index])) != past[place]:
            return None
    return moved


def _members(turns: int) -> Iterator[int]:
    while turns:
        latest = turns.bit_length() - 1
        yield latest
        turns ^= 1 << latest


def _base(party: str) -> str:
    """The actor that plays a role, of which this one may be a child."""
    return party.partition("/")[0]
