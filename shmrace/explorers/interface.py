"""What an explorer is: it is asked at each point of each execution who goes next.

It sees the choices and what has happened, as plain data, so model programs and real processes are
explored by the same code.  The shape follows Shuttle's scheduler: a new execution, the next task.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from shmrace.explorers.symmetry import LeftOut
from shmrace.model.schedule import Choice
from shmrace.model.trace import Step, Turn


@dataclass(frozen=True, slots=True)
class Point:
    """A point at which somebody must be chosen.

    `choices` lists who may go on, the one that moved last first, faults behind; `happened` is every
    turn so far.
    """

    choices: Sequence[Choice]
    happened: Sequence[Turn]


class Nondeterministic(Exception):
    """The same decisions led elsewhere: at `turn`, `expected` was seen before and `seen` now.

    `trace` is that of the repetition up to there, where steps were compared.
    """

    def __init__(self, turn: int, expected: str, seen: str, trace: Sequence[Step] = ()) -> None:
        super().__init__(f"a process that was kept took another step {turn + 1} than before")
        self.turn = turn
        self.expected = expected
        self.seen = seen
        self.trace = tuple(trace)


class Explorer(ABC):
    """One search.  The driver calls `begin`, then `choose` at each point, then `finish`."""

    name = ""
    uses_seed = False
    uses_depth = False  # the number behind its name, as in pct2
    uses_bounds = False  # on preemptions and delays
    is_systematic = False  # it runs every trace class in the end

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    @abstractmethod
    def begin(self) -> bool:
        """Is there another execution to run?"""

    @abstractmethod
    def choose(self, point: Point) -> int | None:
        """The index of a choice; None gives this execution up: all of it was seen elsewhere."""

    def left_out(self) -> list[LeftOut]:
        """The branches that were not run because their image was, since this was asked last."""
        return []

    @property
    def covered(self) -> str:
        """What a search that is not complete ran all of, once `begin` says no; may be empty."""
        return ""

    def finish(self, happened: Sequence[Turn], pending: Sequence[Turn]) -> None:
        """The execution is over; `pending` are the turns that could not happen any more."""

    @property
    def complete(self) -> bool:
        """Was every trace class run?"""
        return False
