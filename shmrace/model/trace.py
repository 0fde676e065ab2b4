"""A trace: the steps of one execution, and its canonical form.

Two executions are in one *trace class* (Mazurkiewicz, 1977) if they differ only in the order of
independent steps.  `canonical` maps all of a class to one text: each actor's own steps, each with
the steps of others that happen before it and nothing later does.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from shmrace.model.happens_before import pasts
from shmrace.model.objects import Accesses, is_private
from shmrace.model.operations import Outcome
from shmrace.model.stack import Frame


@dataclass(frozen=True, slots=True)
class Step:
    """One operation that was let through, and the user's code until the actor's next gate."""

    index: int  # from 0; readers are shown `number`; -1 in `setup`, which no trace holds
    actor: str
    operation: str  # an `Operation`
    outcome: str = Outcome.OK  # an `Outcome`, or the name of an errno
    name: str | None = None  # normalised: seg0, or the text of a name that nobody created
    segment: str | None = None  # seg0, seg1, ... in the order of creation
    subject: str = ""  # the same across executions: creator and its n-th creation
    detail: str = ""  # for the reader
    before: str = ""  # the operation before which a deadly fault struck
    injected: bool = False  # a fault made it fail
    accesses: Accesses = frozenset()
    after: tuple[int, ...] = ()  # steps that enabled this one
    automatic: bool = False  # a wait that ended: nobody decided it
    preempts: bool = False  # its actor was let go although the one before could have gone on
    stack: tuple[Frame, ...] = ()  # innermost first; taken only in a replay
    printed: tuple[str, ...] = ()  # lines that its actor printed in it; likewise

    @property
    def ok(self) -> bool:
        return self.outcome == Outcome.OK

    @property
    def is_internal(self) -> bool:
        """Is it a wait of a process with several threads that ended?  Which of them took what was
        there is not to be told from outside, and may differ."""
        return self.automatic and any(is_private(one) for one, _ in self.accesses)

    @property
    def number(self) -> int:
        """As readers count it, from 1."""
        return self.index + 1

    @property
    def signature(self) -> tuple[str, str, str, str]:
        """What must be the same when the same schedule runs again."""
        return self.actor, self.operation, self.outcome, self.subject


@dataclass(frozen=True, slots=True)
class Turn:
    """What one decision set off: its step, and the waits of others that ended because of it."""

    actor: str
    operation: str
    accesses: Accesses
    after: tuple[int, ...] = ()  # turns that enabled this one
    released_by: tuple[int, ...] = ()  # turns that gave back the lock which this one takes
    moved: tuple[str, ...] = ()  # other actors that moved in it
    along: Accesses = frozenset()  # those of `accesses` that only they made
    beside: tuple[str, ...] = ()  # the other threads of their processes
    signature: tuple[tuple[str, str, str, str], ...] = ()  # of those steps that are not internal
    steps: int = 1  # how many there are, internal ones included


def visible(trace: Sequence[Step]) -> list[Step]:
    """The steps that must be the same when the same schedule runs again."""
    return [step for step in trace if not step.is_internal]


def fingerprint(trace: Sequence[Step]) -> str:
    """Six hexadecimal digits that a replay of the same trace has too."""
    text = repr([step.signature for step in visible(trace)])
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def canonical(turns: Sequence[Turn]) -> str:
    """The same text for all executions of one trace class, a hexadecimal digest."""
    past = pasts(turns)
    counts: dict[str, int] = {}
    places = []
    for turn in turns:
        nth = counts.get(turn.actor, 0)
        counts[turn.actor] = nth + 1
        places.append((turn.actor, nth))
    lines = []
    for index, turn in enumerate(turns):
        direct = sorted(places[before] for before in _last_of(past[index], past))
        lines.append((places[index], sorted(turn.signature), direct))
    return hashlib.sha256(repr(sorted(lines)).encode()).hexdigest()[:16]


def _last_of(turns: int, past: Sequence[int]) -> list[int]:
    """Those of a set of turns that happen before no other one of it: the latest is one of them,
    and whatever happens before it is none."""
    found = []
    while turns:
        latest = turns.bit_length() - 1
        found.append(latest)
        turns &= ~(past[latest] | 1 << latest)
    return found
