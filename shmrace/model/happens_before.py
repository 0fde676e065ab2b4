"""Happens-before between the turns of one execution.

A turn comes after every earlier turn of the same actors (program order), after the turns that
enabled it or told it something, after the turn that released the lock that it takes, and after
every earlier turn that it depends on.  Happens-before is the transitive closure of these.  A set of
turns is an integer with a bit for each turn.  Source: Lamport, CACM 21(7), 1978; dependence as in
Flanagan and Godefroid, POPL'05.
"""

from collections.abc import Callable, Container, Sequence
from typing import Protocol

from shmrace.model.objects import Accesses, Mode, Object, ObjectKind, clash

Touched = dict[Object, tuple[list[int], list[int], list[int]]]
"""For each object, by `Mode`: the turns that have read and updated it since it was last written,
and the one that wrote it."""

_SCHEDULED = frozenset({ObjectKind.MOVES, ObjectKind.COURSE, ObjectKind.FAULTS, ObjectKind.SPACE})
"""Objects that say which steps depend on each other, and tell an actor nothing about the others."""

_SAID_TO_BE_READ = frozenset({ObjectKind.BYTES, ObjectKind.EVERYTHING, ObjectKind.MEMORY})
"""Objects that a step counts as reading although it may not look at them at all."""


class Happened(Protocol):
    """The attributes of a turn that happens-before needs; see `shmrace.model.trace.Turn`."""

    @property
    def actor(self) -> str: ...
    @property
    def accesses(self) -> Accesses: ...
    @property
    def after(self) -> tuple[int, ...]: ...
    @property
    def told_by(self) -> tuple[int, ...]: ...
    @property
    def released_by(self) -> tuple[int, ...]: ...
    @property
    def moved(self) -> tuple[str, ...]: ...


def pasts(turns: Sequence[Happened]) -> list[int]:
    """For each turn, the set of turns that happen before it."""
    past: list[int] = []
    last: dict[str, int] = {}
    touched: Touched = {}
    for index, turn in enumerate(turns):
        before = _enforced_past(turn, past, last)
        for earlier in conflicting(turn, touched):
            before |= past[earlier] | 1 << earlier
        past.append(before)
        enter(index, turn, last, touched)
    return past


def synchronised(turns: Sequence[Happened]) -> list[int]:
    """Like `pasts`, but only by the order that the program enforces.

    That is program order, what enabled what, and locks.  Dependence is left out: it orders two
    turns only as they happened in this execution.
    """
    return _chained(turns, _enforced_past)


def awaited(turns: Sequence[Happened]) -> list[int]:
    """Like `synchronised`, but only by program order and by what each turn had to wait for.

    Locks are left out, and news that was not waited for: they order two turns only as they happened
    in this execution, too, since another actor may take the lock first.
    """
    return _chained(turns, _awaited_past)


def observable(turns: Sequence[Happened], without: Container[Object] = ()) -> list[int]:
    """For each turn, the set of turns of which its actor may have learned, by whatever way.

    Besides the order that the program enforces: who reads an object may learn from all who have
    written it before, and so may who writes it.  A name that was removed and is made again is a
    lock, and so are an unlock and a lock in the bytes of a segment, or by calls of which nothing is
    known.  What is learned from the objects in `without` does not count.
    """
    past: list[int] = []
    last: dict[str, int] = {}
    written: dict[Object, int] = {}  # the turns that changed it, and what happened before them
    for index, turn in enumerate(turns):
        before = _enforced_past(turn, past, last)
        told = [(one, mode) for one, mode in turn.accesses if one.kind not in _SCHEDULED]
        for one, mode in told:
            if one not in without and _tells(one, mode):
                before |= written.get(one, 0)
        past.append(before)
        for one, mode in told:
            if mode is not Mode.READ:
                written[one] = written.get(one, 0) | before | 1 << index
        enter(index, turn, last, {})
    return past


def _tells(one: Object, mode: Mode) -> bool:
    """Does this access tell what others have done to the object?  An update does not look."""
    return mode is Mode.WRITE or (mode is Mode.READ and one.kind not in _SAID_TO_BE_READ)


def conflicting(turn: Happened, touched: Touched) -> list[int]:
    """The earlier turns that a turn depends on, last first, without those that a write implies."""
    found: set[int] = set()
    for one, mode in turn.accesses:
        by_mode = touched.get(one)
        if by_mode is not None:
            for other in Mode:
                if by_mode[other] and clash(mode, other):
                    found.update(by_mode[other])
    return sorted(found, reverse=True)


def enter(index: int, turn: Happened, last: dict[str, int], touched: Touched) -> None:
    """Enter a turn that has happened.  A write implies every earlier access to its object."""
    for one, mode in turn.accesses:
        if mode is Mode.WRITE:
            touched[one] = ([], [], [index])
        else:
            touched.setdefault(one, ([], [], []))[mode].append(index)
    last[turn.actor] = index
    for actor in turn.moved:
        last[actor] = index


def ordered_past(
    actor: str, after: Sequence[int], past: Sequence[int], last: dict[str, int]
) -> int:
    """The past of an actor's next turn, by program order and by what enabled it."""
    before = 0
    for earlier in (last[actor], *after) if actor in last else after:
        before |= past[earlier] | 1 << earlier
    return before


def _chained(
    turns: Sequence[Happened],
    past_of: Callable[[Happened, Sequence[int], dict[str, int]], int],
) -> list[int]:
    """For each turn, the set of turns before it, where `past_of` tells what a turn adds."""
    past: list[int] = []
    last: dict[str, int] = {}
    for index, turn in enumerate(turns):
        past.append(past_of(turn, past, last))
        enter(index, turn, last, {})
    return past


def _enforced_past(turn: Happened, past: Sequence[int], last: dict[str, int]) -> int:
    """The past of a turn, by everything that the program enforces."""
    before = _awaited_past(turn, past, last)
    for earlier in (*turn.told_by, *turn.released_by):
        before |= past[earlier] | 1 << earlier
    return before


def _awaited_past(turn: Happened, past: Sequence[int], last: dict[str, int]) -> int:
    """The past of a turn, by program order and by what enabled it."""
    before = ordered_past(turn.actor, turn.after, past, last)
    for earlier in (last[one] for one in turn.moved if one in last):
        before |= past[earlier] | 1 << earlier
    return before
