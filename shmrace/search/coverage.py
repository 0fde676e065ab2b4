"""Coverage of a sampler: which racing pairs it has seen in both orders.

A pair *races* if in some execution its two turns depended on each other and nothing else ordered
them.  A turn is recognised across executions by its actor, its operation, and its count among the
same operations of the actor.  A bug may still hide in a pair that was seen in one order only.
"""

from collections.abc import Sequence

from shmrace.explorers.history import History
from shmrace.model.trace import Turn
from shmrace.model.verdict import RacingPairs

Place = tuple[str, str, int]


class Coverage:
    """The racing pairs of one search's executions."""

    def __init__(self) -> None:
        self._history = History()
        self._raced: set[frozenset[Place]] = set()
        self._orders: set[tuple[Place, Place]] = set()  # in which dependent turns happened

    def add(self, turns: Sequence[Turn]) -> None:
        """Add the turns of one more execution."""
        self._history.cut(0)
        races = self._history.settle(turns)
        places = _places(turns)
        self._raced.update(frozenset((places[one], places[other])) for one, other in races)
        events = self._history.events
        for later, event in enumerate(events):
            for earlier in range(later):
                other = events[earlier]
                if other.does & event.minds and other.party != event.party:
                    self._orders.add((places[earlier], places[later]))

    def pairs(self) -> RacingPairs:
        """The racing pairs so far, and those that were seen in one order only."""
        missed = [
            order
            for order in sorted(self._orders)
            if frozenset(order) in self._raced and order[::-1] not in self._orders
        ]
        return RacingPairs(
            len(self._raced), tuple(f"{_text(one)} before {_text(other)}" for one, other in missed)
        )


def _places(turns: Sequence[Turn]) -> list[Place]:
    counts: dict[tuple[str, str], int] = {}
    found = []
    for turn in turns:
        key = turn.actor, turn.operation
        counts[key] = counts.get(key, 0) + 1
        found.append((*key, counts[key]))
    return found


def _text(place: Place) -> str:
    """The place as `shmrace.order` spells it, such as "rank0.unlink#2"."""
    actor, operation, nth = place
    return f"{actor}.{operation}" if nth == 1 else f"{actor}.{operation}#{nth}"
