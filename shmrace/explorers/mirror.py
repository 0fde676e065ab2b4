"""The reversals of races in executions that are not run, because their images are.

An *image* of an execution is the same execution with the names of two interchangeable actors
swapped.  If rank0 and rank1 are alike at a node, the subtree in which rank1 goes on there is the
image of the subtree in which rank0 does, and is not run.  Its races must be reversed all the same:

1. A race between two turns of the subtree was reversed in the original, and its image is left out
   with the image of the subtree.
2. A race between a turn of the prefix and a turn of the subtree was not: the swap may move the turn
   of the prefix to another place, so the race is reversed at another node.
3. An image has the happens-before of its original, up to names.  So its races are the images of the
   original's races, and the sequences that reverse them are the images of sequences.  `Mirror`
   makes these, for the races of point 2 alone.
4. An execution may have images at several nodes, and an image has images itself.  So the places are
   walked from the deepest to the first, and an image that was made at a deeper place is swapped
   again at each place before it.
5. A swap that leaves each turn of the prefix in its place asks for nothing, as long as no actor is
   told apart in the whole search: the prefix is its own image, and so is what was tried on the way.

See docs/explanation/symmetry.md, and docs/explanation/independence-and-dpor.md for what a race is
and how it is reversed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shmrace.explorers.footprint import Event
from shmrace.explorers.history import History
from shmrace.explorers.symmetry import Likeness, Symmetry

Placed = tuple[int, Event]
"""A turn with its index in the execution whose image it belongs to."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """A race that is to be tried the other way round."""

    earlier: int  # its first turn, and the node at which that is done
    beside: tuple[Placed, ...]  # what does not happen after that turn
    last: Placed  # its second turn
    told: tuple[tuple[int, frozenset[str]], ...]  # who is told apart, by which turns

    @property
    def sequence(self) -> list[Event]:
        """What is to happen at the node."""
        return [*(event for _, event in self.beside), self.last[1]]

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for reversals that say the same."""
        placed = (*self.beside, self.last)
        return self.earlier, self.told, tuple((index, event.party) for index, event in placed)


class Mirror:
    """The images of one execution's reversals; `alike` holds for each turn whom its party was
    like."""

    def __init__(
        self, symmetry: Symmetry, history: History, alike: Sequence[Sequence[Likeness]]
    ) -> None:
        self._symmetry = symmetry
        self._history = history
        self._alike = alike
        self._images: dict[tuple[object, ...], Event] = {}
        self._nth: list[int] = []  # of each turn, how many of its party's it is
        counts: dict[str, int] = {}
        for event in history.events:
            counts[event.party] = counts.get(event.party, 0) + 1
            self._nth.append(counts[event.party])

    def images(self, reversals: Sequence[Reversal]) -> Iterator[Reversal]:
        """The images of the races that cross a place with a swap, the deepest swaps first."""
        found = list(reversals)
        seen = {one.key for one in found}
        for place in reversed(range(len(self._alike))):
            for likeness in self._alike[place]:
                if likeness.moves_nothing and not self._symmetry.told:
                    continue
                for one in list(found):
                    image = self._image(one, place, likeness)
                    if image is not None and image.key not in seen:
                        seen.add(image.key)
                        found.append(image)
                        yield image

    def _image(self, one: Reversal, place: int, likeness: Likeness) -> Reversal | None:
        """The image of a race whose turns lie on both sides of a place; None if they do not, or if
        one of the two actors is told apart behind it."""
        if not one.earlier < place <= one.last[0]:
            return None
        swap = likeness.swap
        if any(index >= place and names & swap.pair for index, names in one.told):
            return None
        earlier = likeness.moved[one.earlier]
        events = self._history.events
        before = [(index, events[index]) for index in self._history.beside(earlier, place)]
        behind = [self._swapped(placed, likeness) for placed in one.beside if placed[0] >= place]
        told = tuple(
            (index, frozenset(map(swap.text, names)) if index >= place else names)
            for index, names in one.told
        )
        return Reversal(earlier, (*before, *behind), self._swapped(one.last, likeness), told)

    def _swapped(self, placed: Placed, likeness: Likeness) -> Placed:
        index, event = placed
        turn = event.turn
        key = likeness.swap.pair, index, turn.actor, turn.accesses, turn.moved
        image = self._images.get(key)
        if image is None:
            image = self._history.event(likeness.swap.turn(turn, likeness.moved))
            if index < len(self._nth):
                self._history.learn(image, self._nth[index])
            self._images[key] = image
        return index, image
