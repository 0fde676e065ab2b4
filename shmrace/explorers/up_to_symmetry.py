"""The exhaustive explorer up to symmetry: `symmetry` says what that is, and why it is complete.

What counts as tried with another one is put to sleep; the rest is as without symmetry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shmrace.explorers.dpor import Dpor, Node
from shmrace.explorers.footprint import Event
from shmrace.explorers.history import History
from shmrace.explorers.mirror import Mirror, Reversal
from shmrace.explorers.symmetry import Image, LeftOut, Likeness, Symmetry
from shmrace.model.trace import Turn


@dataclass(slots=True)
class _Mark:
    """What is known of a node, as long as the same is chosen there."""

    alike: Sequence[Likeness]  # who is like what is chosen, and not asleep
    told_apart: set[str] = field(default_factory=set)  # behind it, in some execution


class UpToSymmetry(Dpor):
    """Not for searches with faults: these may strike one of several that are alike."""

    def __init__(self, seed: int, interchangeable: Sequence[Sequence[str]]) -> None:
        super().__init__(seed)
        self._symmetry = Symmetry(interchangeable)
        self._marks: list[_Mark] = []  # of the first nodes
        self._left_out: list[LeftOut] = []
        self._reversals: list[Reversal] = []  # of the present execution

    def left_out(self) -> list[LeftOut]:
        found, self._left_out = self._left_out, []
        return found

    def finish(self, happened: Sequence[Turn], pending: Sequence[Turn]) -> None:
        known = len(self._history.past)
        self._reversals.clear()
        super().finish(happened, pending)
        history, symmetry = self._history, self._symmetry
        for place in range(len(self._marks), len(self._nodes)):
            node = self._nodes[place]
            awake = [party for party in node.parties if party not in node.asleep]
            party = node.parties[node.chosen]
            self._marks.append(_Mark(symmetry.likenesses(history, place, party, awake)))
        for place in range(known, len(history.events)):
            told = symmetry.told_apart(history.events[place].turn)
            if told and not symmetry.told:
                symmetry.told = True
                if known:  # the images so far were looked at as if that could not be
                    self._begin_again()
                    return
            for mark in self._marks[: place + 1] if told else ():
                mark.told_apart |= told
        mirror = Mirror(symmetry, history, [mark.alike for mark in self._marks])
        for image in mirror.images(self._reversals):
            self._enter(self._nodes[image.earlier], image.sequence)

    def _reverse(self, earlier: int, last: Event) -> None:
        super()._reverse(earlier, last)
        events = self._history.events
        index = next((place for place, event in enumerate(events) if event is last), len(events))
        beside = ((place, events[place]) for place in self._history.beside(earlier, len(events)))
        told = (
            (place, self._symmetry.told_apart(event.turn)) for place, event in enumerate(events)
        )
        self._reversals.append(
            Reversal(
                earlier, tuple(beside), (index, last),
                tuple((place, frozenset(names)) for place, names in told if names),
            )
        )  # fmt: skip

    def _begin_again(self) -> None:
        self._nodes.clear()
        self._marks.clear()
        self._history = History()
        self._started = False

    def _tried(self, node: Node) -> None:
        """The turn was tried for all actors that are alike: put the turns that the others would
        make, its images, to sleep.

        Images are not added to `node.tried`.  Where footprints vary, `Dpor._enter` lets a turn of
        that list cover a sequence because its races were seen, and those of an image were not.
        The branches that are left stay; one that begins with an image is given up when its turn
        comes, since its party sleeps then.
        """
        place = len(self._nodes) - 1
        mark = self._marks[place]
        del self._marks[place:]
        for image in self._symmetry.images(self._history, place, mark.alike, mark.told_apart):
            node.asleep[image.party] = image

    def _leave_out(self, cover: Event | None) -> None:
        if isinstance(cover, Image) and not cover.stands_for.reported:
            cover.stands_for.reported = True
            self._left_out.append(cover.stands_for)
