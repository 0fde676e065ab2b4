"""The explanation of a finding as plain data: how often, why, and which order would help."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Frequency:
    """In how many of the distinct schedules that were run the same was found."""

    found: int
    schedules: int
    all_run: bool  # there are no other distinct schedules
    found_with_death: int = 0  # of `found`, those in which a fault struck
    with_death: int = 0  # of `schedules`, likewise
    images: bool = False  # all others differ only in which interchangeable actor does what

    apart: bool = True  # schedules are told apart by all that may matter

    @property
    def every_time(self) -> bool:
        """Is it found in every schedule?"""
        every = self.all_run or self.images
        return every and self.apart and self.found == self.schedules


@dataclass(frozen=True)
class Fix:
    """An order that prevents the finding, as executions have shown."""

    text: str  # which actor must wait for which, and where
    orders: tuple[tuple[str, str], ...]  # (what must wait, for what), as "rank0.unlink"
    schedules: int  # how many were run with this order; all of them passed
    all_run: bool  # there are no other distinct schedules with this order


@dataclass(frozen=True)
class DeathCell:
    """What the deaths of one actor before one operation led to, in how many schedules."""

    found: int = 0  # to the finding
    accepted: int = 0  # to the same, and the scenario accepts it
    deaths: int = 0  # all of them


@dataclass(frozen=True)
class DeathMap:
    """At which operations a single death leads to the finding: a row for each victim."""

    operations: tuple[str, ...]
    rows: tuple[tuple[str, tuple[DeathCell, ...]], ...]  # (victim, a cell for each operation)
    all_run: bool = True  # there are no other distinct schedules


@dataclass(frozen=True)
class Move:
    """A line of a schedule by hand: it advances, steps or kills one actor."""

    actor: str
    until: str = ""  # the operation before which the actor stops; empty: its end or a wait
    steps: int = 0  # 0: no limit
    kill: bool = False

    @property
    def code(self) -> str:
        """The line as Python code."""
        if self.kill:
            return f'execution.kill("{self.actor}")'
        if self.until:
            return f'execution.advance("{self.actor}", until="{self.until}")'
        if self.steps == 1:
            return f'execution.step("{self.actor}")'
        if self.steps:
            return f'for _ in range({self.steps}): execution.step("{self.actor}")'
        return f'execution.advance("{self.actor}")'


@dataclass(frozen=True)
class Explanation:
    """All parts of the explanation; a part that is not known is empty."""

    frequency: Frequency | None = None
    why: tuple[str, ...] = ()  # sentences
    in_order: bool = False  # the two steps do not race: the second had to wait for the first
    fix: Fix | None = None
    unlinkers: tuple[tuple[str, str], ...] = ()  # (actor, why it did not unlink)
    death_map: DeathMap | None = None
    peers: tuple[tuple[str, str], ...] = ()
    """(actor, exception) for each actor that failed only because it waited for a dead one."""
    by_hand: tuple[Move, ...] = ()

    @property
    def races(self) -> bool:
        """Do the two steps race?  Not if they are in order, or if it happens in every schedule."""
        every_time = self.frequency is not None and self.frequency.every_time
        return not self.in_order and not every_time
