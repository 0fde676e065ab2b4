"""What a search is asked for: one frozen value, parsed once, wherever the request comes from."""

from collections.abc import Sequence
from dataclasses import dataclass

from shmrace import explorers
from shmrace.engine.faults import rules
from shmrace.engine.faults.rules import Fault
from shmrace.errors import UsageError
from shmrace.explorers.interface import Explorer
from shmrace.model.words import Word
from shmrace.search.budget import Budget, parse_budget


class Detail(Word):
    """How much is found out about what a search finds."""

    EXPLAINED = "explained", "each cause, shrunk, and with everything that a report tells"
    SHRUNK = "shrunk", "one finding of each kind, shrunk"
    SEEN = (
        "seen",
        "one finding of each kind as it was first seen; nothing is repeated in fresh processes, so"
        " all of it assumes `warm`",
    )


@dataclass(frozen=True)
class SearchOptions:
    """Made by `parse`, which raises `UsageError`; made directly it must hold valid values."""

    explorer: str = "dpor"
    budget: Budget = Budget(60.0)
    faults: tuple[Fault, ...] = ()
    max_faults: int = 1  # that strike in one execution
    seed: int = 0
    keep_going: bool = False  # behind the first finding
    detail: Detail = Detail.EXPLAINED
    counts: bool = True  # go on after the first finding to count how often the same is found

    @classmethod
    def parse(
        cls, *, explorer: str = "dpor", budget: str | Budget = "60s", faults: Sequence[str] = (),
        max_faults: int | None = None, seed: int = 0, jobs: int = 1, keep_going: bool = False,
        detail: Detail = Detail.EXPLAINED, counts: bool = True,
    ) -> "SearchOptions":  # fmt: skip
        """From the words of a user.  Raises `UsageError` for what cannot be searched, and for an
        option that would have no effect."""
        if jobs != 1:
            raise UsageError(
                f"jobs={jobs!r}: one search uses one core; run several with seeds instead"
            )
        limit = budget if isinstance(budget, Budget) else parse_budget(budget)
        wanted = tuple(map(rules.parse, rules.texts(faults)))
        if max_faults is not None and (not isinstance(max_faults, int) or max_faults < 1):
            raise UsageError(f"max_faults must be at least 1, not {max_faults!r}")
        if max_faults is not None and max_faults > 1 and not wanted:
            raise UsageError("max_faults needs faults")
        if not isinstance(seed, int):
            raise UsageError(f"seed must be a whole number, not {seed!r}")
        made = cls(explorer, limit, wanted, max_faults or 1, seed, keep_going, detail, counts)
        made.new_explorer()
        return made

    @property
    def fault_texts(self) -> tuple[str, ...]:
        """The faults as they are spelled."""
        return tuple(map(str, self.faults))

    def new_explorer(self, peers: Sequence[Sequence[str]] = ()) -> Explorer:
        """The explorer at its beginning; actors named together in `peers` are interchangeable.
        Raises `UsageError` if there is none of this name, or if it would ignore an option."""
        return explorers.make(self.explorer, self.seed, peers, self.budget.bounds)
