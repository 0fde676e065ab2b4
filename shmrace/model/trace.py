"""A trace: the steps of one execution, and its canonical form.

Two executions are in one *trace class* (Mazurkiewicz, 1977) if they differ only in the order of
independent steps.  `canonical` maps all executions of a class to the same text: the turns of each
actor, each with its direct predecessors in happens-before.
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
    """One operation that the gate let through, with the user's code up to the actor's next gate."""

    index: int  # from 0; reports show `number`; -1 in `setup`, which is not in the trace
    actor: str
    operation: str  # an `Operation`
    outcome: str = Outcome.OK  # an `Outcome`, or the name of an errno
    name: str | None = None  # seg0, or the text of a name under which nothing was created
    segment: str | None = None  # seg0, seg1, ... in the order of creation
    subject: str = ""  # "sender#0": the creator and its n-th creation
    detail: str = ""  # for reports
    before: str = ""  # the operation before which a deadly fault struck
    injected: bool = False  # a fault made it fail
    accesses: Accesses = frozenset()
    after: tuple[int, ...] = ()  # turns that enabled this one
    told_by: tuple[int, ...] = ()  # turns whose news it found, without having waited for it
    automatic: bool = False  # the end of a wait, which the scheduler did not choose
    preempts: bool = False  # the actor that moved before could have continued
    stack: tuple[Frame, ...] = ()  # innermost first; taken only in a replay
    printed: tuple[str, ...] = ()  # lines that its actor printed in it; taken only in a replay

    @property
    def ok(self) -> bool:
        return self.outcome == Outcome.OK

    @property
    def is_internal(self) -> bool:
        """Is it the end of a wait in a process with several threads?

        From outside it cannot be seen which thread received the message, and this may differ
        between executions.
        """
        return self.automatic and any(is_private(one) for one, _ in self.accesses)

    @property
    def number(self) -> int:
        """The number of the step in reports, from 1."""
        return self.index + 1

    @property
    def signature(self) -> tuple[str, str, str, str]:
        """What must be the same when the same schedule runs again."""
        return self.actor, self.operation, self.outcome, self.subject


@dataclass(frozen=True, slots=True)
class Turn:
    """The steps that one decision caused: its own, and the waits of others that ended with it."""

    actor: str
    operation: str
    accesses: Accesses
    after: tuple[int, ...] = ()  # turns that enabled this one
    released_by: tuple[int, ...] = ()  # turns that released the lock which this one takes
    told_by: tuple[int, ...] = ()  # turns whose news it found, without having waited for it
    moved: tuple[str, ...] = ()  # other actors that took a step in it
    along: Accesses = frozenset()  # those of `accesses` that only `moved` made
    beside: tuple[str, ...] = ()  # the other threads in the processes of `moved`
    signature: tuple[tuple[str, str, str, str], ...] = ()  # of its steps that are not internal
    steps: int = 1  # how many, internal ones included


def visible(trace: Sequence[Step]) -> list[Step]:
    """The steps that must be the same when the same schedule runs again."""
    return [step for step in trace if not step.is_internal]


def fingerprint(trace: Sequence[Step]) -> str:
    """Six hexadecimal digits; the same for every execution with the same visible steps."""
    text = repr([step.signature for step in visible(trace)])
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def canonical(turns: Sequence[Turn]) -> str:
    """A hexadecimal digest, the same for all executions of one trace class."""
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
    """The maximal turns of a set: those that happen before no other turn of the set.

    The latest turn is one of them.  Turns that happen before it are not.
    """
    found = []
    while turns:
        latest = turns.bit_length() - 1
        found.append(latest)
        turns &= ~(past[latest] | 1 << latest)
    return found
