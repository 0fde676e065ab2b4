"""The turns of the present execution, who happens before whom, and who races.

A *race* is a pair of turns that depend on each other and are ordered by nothing else.  A set of
turns is an integer with a bit for each.  What precedes a change of the execution is kept from one
execution to the next; only the new turns are looked at.
"""

from collections.abc import Sequence

from shmrace.explorers.footprint import Event, Footprints
from shmrace.trace import Turn


class History:
    """Grows turn by turn, and is cut back where the next execution departs."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.past: list[int] = []  # of each turn, the turns that happen before it
        self._footprints = Footprints()

    def cut(self, length: int) -> None:
        """Forget all turns but the first ones."""
        del self.events[length:]
        del self.past[length:]

    def note(self, turn: Turn) -> Event:
        """A turn has happened; its past is found out by `settle`."""
        event = self._footprints.of(turn)
        self.events.append(event)
        return event

    def settle(self, happened: Sequence[Turn]) -> list[tuple[int, int]]:
        """The races of the turns that are new, the later one behind."""
        known = len(self.past)
        stale = next((place for place in range(known) if self._differs(place, happened)), known)
        del self.past[stale:]
        del self.events[stale:]
        for place in range(len(self.events), len(happened)):
            self.note(happened[place])
        found: list[tuple[int, int]] = []
        for place in range(stale, len(happened)):
            past, races = self._past(self.events[place], (1 << place) - 1)
            self.past.append(past)
            if place >= known:
                found += [(earlier, place) for earlier in races]
        return found

    def pending(self, turn: Turn) -> tuple[Event, list[int]]:
        """A turn that could not happen any more, and the turns with which it races."""
        event = self._footprints.of(turn)
        return event, self._past(event, (1 << len(self.events)) - 1)[1]

    def _differs(self, place: int, happened: Sequence[Turn]) -> bool:
        """Does a turn of the kept beginning touch other objects this time?  Names may be random."""
        kept, seen = self.events[place].turn, happened[place]
        return kept.accesses is not seen.accesses and kept.accesses != seen.accesses

    def _past(self, event: Event, earlier: int) -> tuple[int, list[int]]:
        """The past of a turn, out of the set of those earlier, and the turns it races with, the
        last first."""
        events, past = self.events, self.past
        before = 0
        for place in event.turn.after:
            before |= past[place] | 1 << place
        races: list[int] = []
        minds = event.minds & ~event.others
        rest = earlier & ~before
        while rest:
            place = rest.bit_length() - 1
            other = events[place]
            if other.does & minds:
                if not other.does & event.own:
                    races.append(place)
                before |= past[place] | 1 << place
                rest &= ~before
            else:
                rest ^= 1 << place
        # What follows orders the turn too, but must not hide a race of its own operation: two
        # takers of a lock are ordered by its release, and others moved only because this turn let
        # them.
        for place in event.turn.released_by:
            before |= past[place] | 1 << place
        if event.others:
            for place, other in enumerate(events[: earlier.bit_length()]):
                if other.does & event.others:
                    before |= past[place] | 1 << place
        return before, races
