"""How often the same is found: what each trace class of a search came to, counted.

Two findings are the same if they are of one kind and the same operations of the same roles race,
whichever ranks make them; what has no racing pair goes by kind, role and place.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shmrace.explain.deaths import Died, death_map, sequences_of, the_one_death
from shmrace.model.breach import Breach
from shmrace.model.explanation import DeathMap, Frequency
from shmrace.model.record import Record

Likeness = tuple[str, ...]
"""Equal for findings that are the same."""


def likeness(breach: Breach, record: Record) -> Likeness:
    """By what a breach is known in another execution."""
    if breach.racing is not None:
        racing = [record.trace[index] for index in breach.racing]
        return (breach.kind, *(f"{record.role(one.actor)}.{one.operation}" for one in racing))
    return breach.kind, record.role(breach.actor), breach.alike


@dataclass(frozen=True)
class _Seen:
    """What one trace class came to."""

    found: frozenset[Likeness]
    deaths: int
    died: Died | None  # where there was one death


@dataclass(frozen=True)
class Counts:
    """How often a breach was found, and where deaths lead to it; None: not known."""

    frequency: Frequency | None = None
    death_map: DeathMap | None = None


class Tally:
    """Grows with each execution of a search."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._sequences: dict[str, tuple[str, ...]] = {}  # of operations, where nobody dies

    def saw(self, trace_class: str, record: Record, breaches: Iterable[Breach]) -> None:
        """One more execution, with the breaches that count."""
        found = frozenset(likeness(breach, record) for breach in breaches)
        deaths = sum(death.fault for death in record.deaths)
        died = the_one_death(record) if deaths == 1 else None
        self._seen.setdefault(trace_class, _Seen(found, deaths, died))
        if not deaths:
            for actor, sequence in sequences_of(record).items():
                if len(sequence) > len(self._sequences.get(actor, ())):
                    self._sequences[actor] = sequence

    def counts(self, breach: Breach, record: Record, all_run: bool, images: bool) -> Counts:
        """How often the like of a breach was found: `all_run` if there are no more schedules, or,
        if there are `images`, none but those that differ in which actor does what."""
        like = likeness(breach, record)
        return Counts(self._frequency(like, all_run, images), self._death_map(like))

    def _frequency(self, like: Likeness, all_run: bool, images: bool) -> Frequency | None:
        """None if it was found in none of them, but in a swapped run, or when it was shrunk."""
        seen = self._seen.values()
        found = [one for one in seen if like in one.found]
        if not found:
            return None
        return Frequency(
            len(found), len(seen), all_run and not images,
            sum(1 for one in found if one.deaths), sum(1 for one in seen if one.deaths),
            images and all_run,
        )  # fmt: skip

    def _death_map(self, like: Likeness) -> DeathMap | None:
        """Where one death leads to what is like this; None if none does."""
        deaths = [
            (one.died, like in one.found) for one in self._seen.values() if one.died is not None
        ]
        if not any(leads for _, leads in deaths):
            return None
        return death_map(deaths, self._sequences)
