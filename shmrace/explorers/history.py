"""The turns of the present execution, who happens before whom, and who races.

A *race* is a pair of turns that depend on each other and are ordered by nothing else.  A set of
turns is an integer with a bit for each.  What precedes a change of the execution is kept from one
execution to the next; only the new turns are looked at.
"""

from collections.abc import Sequence
from dataclasses import replace

from shmrace.explorers.footprint import Event, Footprints
from shmrace.model.trace import Turn


class History:
    """Grows turn by turn, and is cut back where the next execution departs."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.past: list[int] = []  # of each turn, the turns that happen before it
        self.varied = False  # has a turn of a party ever minded more or less than another time?
        self._footprints = Footprints()
        self._counts: dict[str, int] = {}
        self._minds: dict[tuple[str, int, str], int] = {}  # of each turn, all that it ever minded
        self._touches: dict[tuple[str, int, str], int] = {}  # likewise, what it touched first
        self._strays = 0  # the objects that some turn touches in some executions only
        self._does = self._noticed = 0  # what any turn ever did, and what any ever minded

    @property
    def strayed(self) -> bool:
        """Has a turn touched an object in some executions only, about which turns conflict?"""
        return bool(self._strays & self._does & self._noticed)

    def cut(self, length: int) -> None:
        """Forget all turns but the first ones."""
        for event in self.events[length:]:
            self._counts[event.party] -= 1
        del self.events[length:]
        del self.past[length:]

    def note(self, turn: Turn) -> int:
        """Enter a turn that has happened; `settle` finds out its past.  Returns what it wakes.

        An operation may touch an object in some of its outcomes only: a truncation that finds the
        name gone leaves the size alone.  Who sleeps because of the size must wake even so, or the
        order in which the name is still there would be given up together with this one.
        """
        event = self._footprints.of(turn)
        self.events.append(event)
        nth = self._counts[event.party] = self._counts.get(event.party, 0) + 1
        return event.minds | self.learn(event, nth) & ~event.touches

    def learn(self, event: Event, nth: int) -> int:
        """What the n-th turn of a party was ever seen to mind, this one included."""
        key = event.party, nth, event.turn.operation
        self._strays |= self._touches.setdefault(key, event.touches) ^ event.touches
        self._does |= event.does
        self._noticed |= event.minds
        minds = self._minds.setdefault(key, event.minds)
        if minds != event.minds:
            self.varied = True
            minds |= event.minds
            self._minds[key] = minds
        return minds

    def settle(self, happened: Sequence[Turn]) -> list[tuple[int, int]]:
        """The races of the turns that are new, the later one behind.

        Once a turn has strayed, those of all turns: what a race is reversed with includes turns
        behind it, and these are others than before.
        """
        known = len(self.past)
        stale = next((place for place in range(known) if self._differs(place, happened)), known)
        if stale < known:
            self.cut(stale)
        for place in range(len(self.events), len(happened)):
            self.note(happened[place])
        if self.strayed:
            known = stale = 0
            self.past.clear()
        found: list[tuple[int, int]] = []
        for place in range(stale, len(happened)):
            event = self.events[place]
            shut = 0
            for release in event.turn.released_by:
                shut |= self.past[release]
            past, races = self._past(event, (1 << place) - 1, shut)
            self.past.append(past)
            if place >= known:
                found += [(earlier, place) for earlier in races]
        return found

    def beside(self, earlier: int, end: int) -> list[int]:
        """The turns behind one and before an end that do not happen after it."""
        past = self.past
        return [place for place in range(earlier + 1, end) if not past[place] >> earlier & 1]

    def event(self, turn: Turn) -> Event:
        return self._footprints.of(turn)

    def blocked(self, turn: Turn) -> tuple[Event, list[int]]:
        """A turn that never became possible, as an event, and the turns that it races with."""
        event = self._footprints.of(turn)
        everything = (1 << len(self.events)) - 1
        return event, self._past(event, everything, everything)[1]

    def shut(self, fault: Event) -> None:
        """The last turn ended the time in which a fault could strike: the two depend on each
        other."""
        last = self.events[-1]
        self.events[-1] = replace(last, does=last.does | fault.own, minds=last.minds | fault.own)

    def _differs(self, place: int, happened: Sequence[Turn]) -> bool:
        """Does a turn of the kept beginning touch other objects this time?  Names may be random."""
        kept, seen = self.events[place].turn, happened[place]
        return kept.accesses is not seen.accesses and kept.accesses != seen.accesses

    def _past(self, event: Event, earlier: int, shut: int) -> tuple[int, list[int]]:
        """The past of a turn, and the turns that it races with, the last first.

        `earlier` is the set of turns before it.  `shut` is the set of turns during which it could
        not happen: those before the release of the lock that it takes.  One of these that only
        reads what this turn changes is no race: it did not keep this turn from happening, and it
        cannot come after it in any order that keeps the release where it is.  One that changes what
        this turn depends on is a race: two takers of a lock can change places.  See "Turns that
        could not happen meanwhile" in docs/explanation/independence-and-dpor.md.
        """
        events, past = self.events, self.past
        before = 0
        for place in event.turn.after:
            before |= past[place] | 1 << place
        races: list[int] = []

        def race(minds: int, known: int = 0) -> None:
            nonlocal before
            rest = earlier & ~(before | known)
            while rest:
                place = rest.bit_length() - 1
                other = events[place]
                if other.does & minds and (other.changes & minds or not shut >> place & 1):
                    if not other.does & event.own:
                        races.append(place)
                    before |= past[place] | 1 << place
                    rest &= ~before
                else:
                    rest ^= 1 << place

        race(event.minds & ~event.others & ~event.along)
        # What follows orders the turn too, but must not hide a race of its own operation: two
        # takers of a lock are ordered by its release, and others moved only because this turn let
        # them.
        for place in event.turn.released_by:
            before |= past[place] | 1 << place
        if event.others:
            for place, other in enumerate(events[: earlier.bit_length()]):
                if other.does & event.others:
                    before |= past[place] | 1 << place
            # What those do who moved along comes after what their processes have done: they see
            # the bytes of what another thread of theirs has mapped.
            known = 0
            for place, other in enumerate(events[: earlier.bit_length()]):
                if other.does & event.beside:
                    known |= past[place] | 1 << place
            race(event.along, known)
        return before, races
