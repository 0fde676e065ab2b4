"""The executions that were run, to tell whether one of them begins with given turns.

The *mark* of a turn is a digest of itself and of all turns that happen before it.  So two
executions that contain a mark agree in this turn and its whole past, and an execution begins with
a set of turns, in some order, if it has the marks of all of them.
"""

from collections.abc import Iterable, Sequence

from shmrace.explorers.footprint import Event
from shmrace.model.trace import last_of

Place = tuple[str, int]
"""The n-th turn of a party."""


class Executed:
    """Those of one search since turns strayed."""

    def __init__(self) -> None:
        self._with_mark: dict[int, int] = {}  # the executions that contain it, a bit for each
        self._before: list[dict[Place, frozenset[int]]] = []  # the marks right before a turn
        self.marks: list[int] = []  # of the turns of the last one

    def enter(self, events: Sequence[Event], past: Sequence[int], whole: bool) -> None:
        """Enter an execution; `past` holds of each turn the set of turns before it.  One that was
        given up is not `whole`: its turns get their marks, and it is none that was run."""
        before: dict[Place, frozenset[int]] = {}
        counts: dict[str, int] = {}
        self.marks = []
        for event, earlier in zip(events, past, strict=True):
            nth = counts[event.party] = counts.get(event.party, 0) + 1
            marks = frozenset(self.marks[place] for place in last_of(earlier, past))
            before[event.party, nth] = marks
            what = event.turn.operation, tuple(sorted(event.turn.signature))
            self.marks.append(hash((event.party, nth, what, marks)))
        if not whole:
            return
        for mark in self.marks:
            self._with_mark[mark] = self._with_mark.get(mark, 0) | 1 << len(self._before)
        self._before.append(before)

    def begins_with(self, places: Iterable[int], next_turn: Place) -> bool:
        """Does an execution begin with these turns of the last one, and then with this turn of a
        party?"""
        marks = {self.marks[place] for place in places}
        found = (1 << len(self._before)) - 1
        for mark in marks:
            found &= self._with_mark.get(mark, 0)
        while found:
            number = found.bit_length() - 1
            before = self._before[number].get(next_turn)
            if before is not None and before <= marks:
                return True
            found ^= 1 << number
        return False
