"""What a seed decides: which process is killed, how, when, and under which command."""

import random
import signal
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

KILL, TERM, INTERRUPT = signal.SIGKILL, signal.SIGTERM, signal.SIGINT
NO_VERDICT = "no verdict: "
SIGTERM_SAID = "shmrace: SIGTERM has come"


class Victim(Enum):
    """By how many parents it is away from the orchestrator."""

    ORCHESTRATOR = 0
    LAUNCHER = 1
    SERVER = 2
    RANK = 3


@dataclass(frozen=True)
class Kill:
    """One kill; `after` is counted in seconds from the start of the command."""

    seed: int
    victim: Victim
    signal: signal.Signals
    under_pytest: bool
    refused: bool  # the namespaces: the host's /dev/shm is used
    scenario: str
    after: float

    def __str__(self) -> str:
        door = "pytest" if self.under_pytest else "the command line"
        where = "the host's /dev/shm" if self.refused else "namespaces"
        return (
            f"{self.seed}: {self.signal.name} for the {self.victim.name.lower()} after"
            f" {self.after:.2f} s of {self.scenario}, {door}, {where}"
        )

    @property
    def ends_the_gate(self) -> bool:
        """Does it end the fork server or its launcher?  The first process of a namespace ignores
        what it does not handle, but for SIGKILL; all of them ignore SIGINT."""
        if self.victim is Victim.LAUNCHER:
            return self.signal is not INTERRUPT
        if self.victim is Victim.SERVER:
            return self.signal is KILL or (self.refused and self.signal is TERM)
        return False

    @property
    def is_sigterm_of_the_command(self) -> bool:
        is_the_command = self.victim is Victim.ORCHESTRATOR and not self.under_pytest
        return is_the_command and self.signal is TERM

    def statuses(self, begun: bool) -> Collection[int]:
        """With which the command may end.  What it found may stand before the kill, and may be
        complete: that is the status, then.  One that has not `begun` handles no signals yet."""
        found = 1 if self.scenario == "Races" else 0
        if self.victim is Victim.ORCHESTRATOR and not begun:
            return {-self.signal, 2, 3} if self.signal is not KILL else {-KILL}
        if self.victim is Victim.ORCHESTRATOR:
            if self.signal is KILL:
                return {-KILL}
            if self.under_pytest:
                return {-TERM} if self.signal is TERM else {2, found}
            return {3, found}
        if self.victim is Victim.RANK:  # nobody can tell this from a rank that crashes
            return {0, 1} if self.under_pytest else {0, 1, 3}
        if self.ends_the_gate:
            return {1, found} if self.under_pytest else {3, found}
        return {found}


def kill(seed: int) -> Kill:
    drawn = random.Random(seed)
    return Kill(
        seed,
        drawn.choice(list(Victim)),
        drawn.choice([KILL, KILL, TERM, INTERRUPT]),
        drawn.random() < 0.5,
        drawn.random() < 0.5,
        drawn.choice(["Passes", "Races"]),
        drawn.choice([0.0, drawn.random() * 0.3, drawn.random() * 2.0]),
    )
