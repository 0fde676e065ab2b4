"""How often a search found the same: counts over the trace classes that it ran.

Two findings count as the same if they have the same kind and the same operations of the same roles
race; which ranks play the roles makes no difference.  Findings without a racing pair count as the
same if they agree in kind, role and place.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shmrace.explain.deaths import Died, death_map, sequences_of, the_one_death
from shmrace.model.breach import Breach
from shmrace.model.explanation import DeathMap, Frequency
from shmrace.model.record import Record

Likeness = tuple[str, ...]
"""Equal for findings that are the same."""


def likeness(breach: Breach, record: Record) -> Likeness:
    """The value by which the same breach is recognised in another execution."""
    if breach.racing is not None:
        racing = [record.trace[index] for index in breach.racing]
        return (breach.kind, *(f"{record.role(one.actor)}.{one.operation}" for one in racing))
    return breach.kind, record.role(breach.actor), breach.alike


@dataclass(frozen=True)
class _Seen:
    """The findings and deaths of one trace class."""

    found: frozenset[Likeness]
    accepted: frozenset[Likeness]  # found, and tolerated by the scenario
    unlinks: frozenset[tuple[str, str]]  # (actor, the subject of a segment that it unlinks)
    deaths: int
    died: Died | None  # None unless there was exactly one death


@dataclass(frozen=True)
class Unlinks:
    """In how many distinct schedules each actor unlinks one segment."""

    by: Mapping[str, int]  # without those that never do
    schedules: int
    all_run: bool


@dataclass(frozen=True)
class Counts:
    """How often a breach was found, and at which deaths; None where this is not known."""

    frequency: Frequency | None = None
    death_map: DeathMap | None = None
    unlinks: Unlinks | None = None  # of the breach's segment


class Tally:
    """Counts the executions of one search."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._sequences: dict[str, tuple[str, ...]] = {}  # where no actor dies

    def saw(
        self, trace_class: str, record: Record, breaches: Iterable[Breach],
        accepted: Iterable[Breach] = (),
    ) -> None:  # fmt: skip
        """Add an execution, with its breaches, and those that the scenario tolerates."""
        found = frozenset(likeness(breach, record) for breach in breaches)
        tolerated = frozenset(likeness(breach, record) for breach in accepted) - found
        unlinks = frozenset(
            (actor, segment.subject)
            for segment in record.ledger.segments
            for actor, _ in segment.unlinked
        )
        deaths = sum(death.fault for death in record.deaths)
        died = the_one_death(record) if deaths == 1 else None
        self._seen.setdefault(trace_class, _Seen(found, tolerated, unlinks, deaths, died))
        if not deaths:
            for actor, sequence in sequences_of(record).items():
                if len(sequence) > len(self._sequences.get(actor, ())):
                    self._sequences[actor] = sequence

    def counts(self, breach: Breach, record: Record, all_run: bool, images: bool) -> Counts:
        """How often a breach like this one was found.

        `all_run` says that every distinct schedule was run.  With `images`, schedules that differ
        only in which interchangeable actor does what were left out.
        """
        like = likeness(breach, record)
        return Counts(
            self._frequency(like, all_run, images),
            self._death_map(like, all_run),
            self._unlinks(breach, record, all_run and not images),
        )

    def _frequency(self, like: Likeness, all_run: bool, images: bool) -> Frequency | None:
        """None if no counted execution showed it, but only a swapped run or a shrunk one."""
        seen = self._seen.values()
        found = [one for one in seen if like in one.found]
        if not found:
            return None
        return Frequency(
            len(found), len(seen), all_run and not images,
            sum(1 for one in found if one.deaths), sum(1 for one in seen if one.deaths),
            images and all_run,
        )  # fmt: skip

    def _death_map(self, like: Likeness, all_run: bool) -> DeathMap | None:
        """The map of the single deaths that lead to such a finding; None if none does."""
        deaths = [
            (one.died, like in one.found, like in one.accepted)
            for one in self._seen.values()
            if one.died is not None
        ]
        if not any(leads for _, leads, _ in deaths):
            return None
        return death_map(deaths, self._sequences, all_run)

    def _unlinks(self, breach: Breach, record: Record, all_run: bool) -> Unlinks | None:
        """Who unlinks the breach's segment, and how often; None if it has none."""
        segments = record.ledger.segments
        subject = next((one.subject for one in segments if one.label == breach.segment), None)
        if subject is None or not self._seen:
            return None
        by = Counter(
            actor
            for one in self._seen.values()
            for actor, unlinked in one.unlinks
            if unlinked == subject
        )
        return Unlinks(by, len(self._seen), all_run)
