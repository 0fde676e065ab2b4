"""The options of a search: one frozen value, made by the API, the command and the plugin alike."""

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
    """How much a search finds out about its findings."""

    EXPLAINED = "explained", "each cause, shrunk, and with everything that a report tells"
    SHRUNK = "shrunk", "one finding of each kind, shrunk"
    SEEN = (
        "seen",
        "one finding of each kind as it was first seen; nothing is repeated in fresh processes, so"
        " all of it assumes `warm`",
    )


@dataclass(frozen=True)
class SearchOptions:
    """The options of a search.  `parse` checks user input; the constructor checks nothing."""

    explorer: str = "dpor"
    budget: Budget = Budget(60.0)
    faults: tuple[Fault, ...] = ()
    max_faults: int = 1  # how many faults may strike in one execution
    seed: int = 0
    keep_going: bool = False  # search on after the first finding, and report them all
    detail: Detail = Detail.EXPLAINED
    counts: bool = True  # search on for seconds after it, to count how often it is found

    @classmethod
    def parse(
        cls, *, explorer: str = "dpor", budget: str | Budget = "60s", faults: Sequence[str] = (),
        max_faults: int | None = None, seed: int = 0, jobs: int = 1, keep_going: bool = False,
        detail: Detail = Detail.EXPLAINED, counts: bool = True,
    ) -> "SearchOptions":  # fmt: skip
        """Make the options from user input.

        Raises `UsageError` for an invalid value, and for an option that would have no effect.
        """
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
        """The faults as text, such as "kill:map@rank0"."""
        return tuple(map(str, self.faults))

    def new_explorer(self, peers: Sequence[Sequence[str]] = ()) -> Explorer:
        """A new explorer.

        The actors of each group in `peers` are interchangeable.  Raises `UsageError` if there is no
        explorer of this name, or if it would ignore an option.
        """
        return explorers.make(self.explorer, self.seed, peers, self.budget.bounds)
