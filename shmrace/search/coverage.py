"""What a sampler came by: which racing pairs it saw in both orders.

A pair *races* if in some execution its two turns depended on each other and nothing else ordered
them.  A turn is known across executions by its actor, its operation, and how many of this name the
actor had made.  A race that was seen in one order only is where a bug may still hide.
"""

from collections.abc import Sequence

from shmrace.explorers.history import History
from shmrace.model.trace import Turn
from shmrace.model.verdict import RacingPairs

Place = tuple[str, str, int]


class Coverage:
    """Grows with each execution of a search."""

    def __init__(self) -> None:
        self._history = History()
        self._raced: set[frozenset[Place]] = set()
        self._orders: set[tuple[Place, Place]] = set()  # of all that depended on each other

    def add(self, turns: Sequence[Turn]) -> None:
        """One more execution."""
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
        """What was seen so far."""
        missed = [
            order
            for order in sorted(self._orders)
            if frozenset(order) in self._raced and order[::-1] not in self._orders
        ]
        return RacingPairs(
            len(self._raced), tuple(f"{_said(one)} before {_said(other)}" for one, other in missed)
        )


def _places(turns: Sequence[Turn]) -> list[Place]:
    counts: dict[tuple[str, str], int] = {}
    found = []
    for turn in turns:
        key = turn.actor, turn.operation
        counts[key] = counts.get(key, 0) + 1
        found.append((*key, counts[key]))
    return found


def _said(place: Place) -> str:
    """As `order` selects operations."""
    actor, operation, nth = place
    return f"{actor}.{operation}" if nth == 1 else f"{actor}.{operation}#{nth}"
