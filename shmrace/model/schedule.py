"""Schedules: the decisions that determine an execution.

At each point where several actors can move, the choices are listed: first the actor that moved
last, then the other actors, then faults.  Decision 0 continues the actor that moved last; decision
k switches to the k-th other choice.

Every list of decisions is valid.  A missing decision counts as 0, and a number is taken modulo the
number of choices.  So the empty schedule runs each actor until it ends or waits, and a smaller list
is a simpler interleaving.
"""

import operator
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from shmrace.errors import UsageError


@dataclass(frozen=True)
class Choice:
    """One choice at a point: an actor's operation, or a fault that strikes the actor."""

    actor: str
    operation: str
    fault: str = ""  # a `FaultKind` or an errno; for an outsider, `actor` is a segment's subject
    in_vain: bool = False  # it polls, and would see once more what it saw last

    @property
    def who(self) -> str:
        """The name of what is scheduled: an actor, or a fault together with its actor."""
        return f"{self.fault} {self.actor}" if self.fault else self.actor

    def __str__(self) -> str:
        if not self.fault:
            return f"{self.actor}.{self.operation}"
        if self.fault == self.operation:  # a fault of an outsider
            return self.fault
        return f"{self.fault}:{self.operation}@{self.actor}"


def worth_trying(choices: Sequence[Choice], impatient: Collection[str] = ()) -> list[int]:
    """The indices of the choices that may lead to something new.

    An actor that polls in vain waits for what others do: it is left out while one of them can go
    on, unless it is `impatient`, and gives up after a number of rounds.
    """
    awake = [
        index
        for index, one in enumerate(choices)
        if one.fault or not one.in_vain or one.actor in impatient
    ]
    return awake if any(not choices[index].fault for index in awake) else [*range(len(choices))]


@dataclass(frozen=True)
class Schedule:
    """Decisions, with the faults that are among their choices.

    At most `max_faults` of the faults strike.  Trailing zeros mean nothing, and are cut.  The
    `repr` is the code that makes it.  Raises `UsageError` for decisions that are not integers of at
    least 0.
    """

    decisions: tuple[int, ...] = ()
    faults: tuple[str, ...] = ()
    max_faults: int = 1

    def __init__(
        self, decisions: Iterable[int] = (), faults: Iterable[str] = (), max_faults: int = 1
    ) -> None:
        try:
            given = tuple(operator.index(one) for one in decisions)
        except TypeError:
            raise UsageError(f"a schedule is made of whole numbers, not of {decisions!r}") from None
        if any(one < 0 for one in given):
            raise UsageError(f"a schedule has no negative decisions: {list(given)}")
        while given and given[-1] == 0:
            given = given[:-1]
        object.__setattr__(self, "decisions", given)
        object.__setattr__(self, "faults", tuple([faults] if isinstance(faults, str) else faults))
        object.__setattr__(self, "max_faults", max_faults)

    def __repr__(self) -> str:
        said = [str(list(self.decisions))]
        if self.faults:
            said.append(f"faults={list(self.faults)}")
            said += [f"max_faults={self.max_faults}"] if self.max_faults != 1 else []
        return f"Schedule({', '.join(said)})"

    def at(self, point: int, choices: int) -> int:
        """The decision at the point with index `point`, out of `choices` choices."""
        return self.decisions[point] % choices if point < len(self.decisions) else 0


@dataclass(frozen=True)
class Order:
    """A constraint on an execution: these operations, such as "rank0.unlink", happen in this order.

    The second unlink of rank0 is "rank0.unlink#2".
    """

    operations: tuple[str, ...]

    def blocks(self, choice: Choice, happened: Sequence[tuple[str, str]]) -> bool:
        """Must this choice still wait?  `happened` holds the (actor, operation) pairs so far."""
        if choice.fault:
            return False
        for place, text in enumerate(self.operations):
            actor, operation, nth = selector(text)
            if (choice.actor, choice.operation) != (actor, operation):
                continue
            if sum(pair == (actor, operation) for pair in happened) + 1 != nth:
                continue
            return not all(_done(before, happened) for before in self.operations[:place])
        return False

    def unmet(self, happened: Sequence[tuple[str, str]]) -> list[str]:
        """The operations of the order that did not happen."""
        return [text for text in self.operations if not _done(text, happened)]


def order(*operations: str) -> Order:
    """Make an order, as in ``order("rank0.unlink", "rank1.attach")``.

    Raises `UsageError` for a text that is not of the form ``actor.operation``.
    """
    if not operations:
        raise UsageError("an order needs operations, as in order('rank0.unlink', 'rank1.attach')")
    for text in operations:
        selector(text)
    return Order(operations)


def selector(text: str) -> tuple[str, str, int]:
    """("rank0", "unlink", 2) for "rank0.unlink#2"; raises `UsageError` for another form."""
    actor, dot, rest = text.rpartition(".") if isinstance(text, str) else ("", "", "")
    operation, hash_, nth = rest.partition("#")
    if not dot or not actor or not operation or (hash_ and not (nth.isdecimal() and int(nth))):
        raise UsageError(
            f"{text!r} is not of the form actor.operation, as in 'rank0.unlink', or"
            " 'rank0.unlink#2' for its second one"
        )
    return actor, operation, int(nth) if hash_ else 1


def _done(text: str, happened: Sequence[tuple[str, str]]) -> bool:
    actor, operation, nth = selector(text)
    return sum(pair == (actor, operation) for pair in happened) >= nth
