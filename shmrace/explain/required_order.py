"""A required order: operations that must wait for others, in an execution and for an explorer.

An operation that must wait is offered to the explorer only when each operation that it waits for
has happened, or the actor of that operation has ended.  These earlier turns happen before the
waiting turn, as if they had sent it a message.  So exploration within a required order is as sound
and complete as exploration without one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shmrace.model.schedule import Choice
from shmrace.model.trace import Turn


@dataclass(frozen=True, order=True)
class Place:
    """The n-th time, from 1, that an actor does an operation."""

    actor: str
    operation: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.actor}.{self.operation}" + (f"#{self.nth}" if self.nth > 1 else "")


class KeptOrder:
    """For each operation that must wait: the operations that it waits for."""

    def __init__(self, waits: Mapping[Place, Sequence[Place]]) -> None:
        self._waits = waits

    def allowed(
        self, choices: Sequence[Choice], happened: Sequence[Turn], ended: frozenset[str]
    ) -> list[int]:
        """The indices of the choices that do not have to wait; faults are left out."""
        done = _turn_of(happened)
        return [
            index
            for index, choice in enumerate(choices)
            if not choice.fault
            and all(
                needed in done or needed.actor in ended
                for needed in self._waits.get(_next(choice.actor, choice.operation, done), ())
            )
        ]

    def imposed_on(self, happened: Sequence[Turn]) -> list[Turn]:
        """The turns, where each that had to wait comes after the turns that it waited for."""
        done = _turn_of(happened)
        last = {turn.actor: index for index, turn in enumerate(happened)}
        found = list(happened)
        for place, needed in self._waits.items():
            index = done.get(place)
            if index is None:
                continue
            behind = {
                turn
                for one in needed
                for turn in (done.get(one, last.get(one.actor, index)),)
                if turn < index
            }
            turn = happened[index]
            found[index] = replace(turn, after=tuple(sorted({*turn.after, *behind})))
        return found


def _turn_of(happened: Sequence[Turn]) -> dict[Place, int]:
    """The index of the turn in which each place was reached."""
    counts: dict[tuple[str, str], int] = {}
    found = {}
    for index, turn in enumerate(happened):
        key = turn.actor, turn.operation
        counts[key] = counts.get(key, 0) + 1
        found[Place(*key, counts[key])] = index
    return found


def _next(actor: str, operation: str, done: Mapping[Place, int]) -> Place:
    nth = 1
    while Place(actor, operation, nth) in done:
        nth += 1
    return Place(actor, operation, nth)
