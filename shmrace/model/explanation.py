"""What explains a finding beyond its trace: how often, why, what order would help.  Plain data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Frequency:
    """In how many of the schedules that were run, and differ in effect, the same was found."""

    found: int
    schedules: int
    all_run: bool  # there are no more than these
    found_with_death: int = 0  # where a fault struck
    with_death: int = 0
    images: bool = False  # there are only those that differ from one of these in who is who

    @property
    def every_time(self) -> bool:
        """Does it happen whatever the order?"""
        return (self.all_run or self.images) and self.found == self.schedules


@dataclass(frozen=True)
class Fix:
    """An order that keeps the finding from happening, and that was tried out."""

    text: str  # who must wait for whom, and where
    orders: tuple[tuple[str, str], ...]  # (what must wait, for what), as "rank0.unlink"
    schedules: int  # so many were run with it, and all of them passed
    all_run: bool  # there are no more than these


@dataclass(frozen=True)
class DeathMap:
    """Where one death leads to the finding: victims by the operation before which they died."""

    operations: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
    """Of each victim, for each operation: how many of how many deaths lead to it."""


@dataclass(frozen=True)
class Move:
    """A line of a schedule by hand: let an actor go on, as far as it comes or for so many steps, or
    kill it."""

    actor: str
    until: str = ""  # before which operation it stands then
    steps: int = 0  # 0: as far as it comes
    kill: bool = False

    @property
    def code(self) -> str:
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
    """All of it; what is not known is empty."""

    frequency: Frequency | None = None
    why: tuple[str, ...] = ()  # sentences
    fix: Fix | None = None
    unlinkers: tuple[tuple[str, str], ...] = ()  # each actor, and why it has not unlinked
    death_map: DeathMap | None = None
    peers: tuple[tuple[str, str], ...] = ()
    """Who failed only because it waited for the dead, and what it raised."""
    by_hand: tuple[Move, ...] = ()
