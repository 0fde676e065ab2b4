"""Wakeup trees: what is left to be tried at a state, as sequences that share their beginnings.

Each sequence reverses a race, and running it meets nothing that sleeps, so no execution is begun in
vain.  A new sequence is not entered if one that is there begins something equivalent.  Source:
Abdulla, Aronsis, Jonsson, Sagonas, "Source Sets: A Foundation for Optimal Dynamic Partial Order
Reduction", JACM 64(4), 2017, section 6.  Departure: a turn that was seen only after the other one
of its race may turn out otherwise when it comes first; what was not entered because that turn
seemed independent of it is kept with the branch, to be entered again after such a surprise.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from shmrace.explorers.footprint import Event


@dataclass(slots=True)
class Branch:
    """A party to go on with, its turn as it was seen, and what is to be tried behind it."""

    event: Event
    fault: bool  # may it as well never happen?
    children: list["Branch"] = field(default_factory=list)
    leaning: list[Sequence[Event]] = field(default_factory=list)  # sent on because of its turn


def insert(children: list[Branch], sequence: Sequence[Event], faults: Set[str]) -> None:
    """Enter a sequence, whose last turn may turn out otherwise."""
    while True:
        for branch in children:
            rest = _behind(branch, sequence)
            if rest is None:
                continue
            if rest is sequence:
                branch.leaning.append(sequence)
            if not rest or not branch.children:
                return
            children, sequence = branch.children, rest
            break
        else:
            for event in sequence:
                branch = Branch(event, event.party in faults)
                children.append(branch)
                children = branch.children
            return


def _behind(branch: Branch, sequence: Sequence[Event]) -> Sequence[Event] | None:
    """What is left of a sequence that may as well begin with this branch; None if it may not."""
    party = branch.event.party
    done = 0
    for place, event in enumerate(sequence):
        if event.party == party:
            return None if event.minds & done else [*sequence[:place], *sequence[place + 1 :]]
        done |= event.does
    return None if branch.fault or branch.event.minds & done else sequence
