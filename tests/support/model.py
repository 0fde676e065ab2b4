"""Model programs for the explorers: no processes, a dictionary for a state.

A program is a list of threads, each a list of operations, or a function that yields them and looks
at the state in between.  An operation looks at the state, may be disabled, changes the state, and
says what it read and wrote.  `explore` drives an explorer over a program, `every_class` enumerates
all interleavings by brute force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from shmrace.explorers import Explorer, Point
from shmrace.model.objects import (
    FAULTS,
    Access,
    Mode,
    clash,
    course_of,
    life_of,
    lock_of,
    lock_state_of,
)
from shmrace.model.schedule import Choice
from shmrace.model.trace import Turn, canonical

State = dict[str, Any]
Did = tuple[str, list[Access]]  # outcome, accesses


@dataclass(frozen=True)
class Operation:
    """`enabled` says whether it may run, `run` runs it, `after` names the turns that enabled it."""

    label: str
    run: Callable[[Run, str], Did]
    enabled: Callable[[Run, str], bool] = lambda run, me: True
    after: Callable[[Run, str], list[int]] = lambda run, me: []
    released_by: Callable[[Run, str], list[int]] = lambda run, me: []


def taken(name: str) -> list[Access]:
    """What taking a lock touches."""
    return [(lock_of(name, "flock"), Mode.WRITE), (lock_state_of(name, "flock"), Mode.UPDATE)]


Thread = Sequence[Operation] | Callable[[State, str], Iterator[Operation]]
Program = Sequence[Thread]
Kills = Mapping[str, str]
"""Who may be killed, and before which operations: those whose label begins so.  Likewise whose
operations may fail, so that nothing happens and the thread goes on."""


@dataclass
class Run:
    """One execution of a program."""

    program: Program
    kills: Kills = field(default_factory=dict)
    fails: Kills = field(default_factory=dict)
    failed: bool = False
    offered: set[str] = field(default_factory=set)  # whose operations could have failed
    state: State = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    standing: dict[str, Operation | None] = field(default_factory=dict)  # before which operation
    dead: set[str] = field(default_factory=set)
    last_turn: dict[str, int] = field(default_factory=dict)  # of each thread
    came: dict[str, list[int]] = field(default_factory=dict)  # its turn before each barrier
    last: str | None = None
    taken: list[Choice] = field(default_factory=list)
    past: list[int] = field(default_factory=list)  # of each turn, what happens before it
    events: list[int] = field(default_factory=list)
    numbers: dict[object, int] = field(default_factory=dict)  # of events, for all copies

    def __post_init__(self) -> None:
        self._threads: dict[str, Iterator[Operation]] = {}
        for number, thread in enumerate(self.program):
            me = f"t{number}"
            self._threads[me] = thread(self.state, me) if callable(thread) else iter(thread)
            self.came[me] = []
            self._go_on(me)

    def _go_on(self, me: str) -> None:
        self.standing[me] = operation = next(self._threads[me], None)
        if operation is not None and operation.label.startswith("barrier"):
            self.came[me].append(self.last_turn.get(me, -1))

    def copy(self) -> Run:
        """Another run that has come as far; threads that are functions cannot be copied, and do all
        of it again."""
        if any(callable(thread) for thread in self.program):
            again = Run(self.program, self.kills, self.fails, numbers=self.numbers)
            for choice in self.taken:
                again.choices()  # which notes what could have failed
                again.take(choice)
            return again
        other = copy(self)
        other._threads = {me: copy(thread) for me, thread in self._threads.items()}
        other.offered, other.dead = set(self.offered), set(self.dead)
        other.state = {key: copy(value) for key, value in self.state.items()}  # some are lists
        other.standing = dict(self.standing)
        other.turns, other.taken = list(self.turns), list(self.taken)
        other.past, other.events = list(self.past), list(self.events)
        other.last_turn = dict(self.last_turn)
        other.came = {me: list(turns) for me, turns in self.came.items()}
        return other

    def place(self) -> object:
        """Equal for two runs from which the same can follow: the class, and the whole state."""
        return (
            frozenset(self._events()), repr(sorted(self.state.items())),
            tuple(map(id, self.standing.values())), repr(self.came), self.failed,
            frozenset(self.dead), frozenset(self.offered),
        )  # fmt: skip

    def _events(self) -> list[int]:
        """Each turn with all that happens before it, as a number that stands for it anywhere."""
        for index in range(len(self.past), len(self.turns)):
            turn = self.turns[index]
            before = 0
            for earlier in reversed(range(index)):
                if not before >> earlier & 1 and _ordered(self.turns[earlier], earlier, turn):
                    before |= self.past[earlier] | 1 << earlier
            self.past.append(before)
            past = frozenset(self.events[one] for one in range(index) if before >> one & 1)
            event = turn.actor, turn.signature, turn.accesses, past
            self.events.append(self.numbers.setdefault(event, len(self.numbers)))
        return self.events

    def choices(self) -> list[Choice]:
        """Who may go on; faults behind.  Where nobody can go on, it is over."""
        found = [
            Choice(me, operation.label)
            for me, operation in self.standing.items()
            if operation is not None and me not in self.dead and operation.enabled(self, me)
        ]
        found.sort(key=lambda choice: choice.actor != self.last)
        if found and not self.dead:
            for me, label in self.kills.items():
                operation = self.standing[me]
                if operation is not None and operation.label.startswith(label):
                    found.append(Choice(me, operation.label, "kill"))
        if found and not self.failed:
            for me, label in self.fails.items():
                operation = self.standing[me]
                if operation is not None and operation.label.startswith(label):
                    found.append(Choice(me, operation.label, "fail"))
                    self.offered.add(me)
        return found

    def pending(self) -> list[Turn]:
        """The locks that threads wait for in vain, and the faults that did not strike."""
        found = []
        for me, operation in self.standing.items():
            if (
                operation is not None
                and operation.label.startswith("lock ")
                and me not in self.dead
            ):
                name = operation.label.removeprefix("lock ")
                found.append(Turn(me, "lock", frozenset(taken(name))))
        if not self.dead:
            for me in self.kills:
                found.append(Turn(f"kill {me}", "kill", frozenset({(life_of(me), Mode.WRITE)})))
        if not self.failed:
            for me in sorted(self.offered):
                found.append(Turn(f"fail {me}", "fail", frozenset({(course_of(me), Mode.WRITE)})))
        return found

    def take(self, choice: Choice) -> None:
        me = choice.actor
        index = len(self.turns)
        if choice.fault == "kill":
            turn = self._kill(me)
        elif choice.fault:
            turn = self._fail(me)
        else:
            operation = self.standing[me]
            assert operation is not None
            after = operation.after(self, me)
            released = operation.released_by(self, me)
            outcome, accesses = operation.run(self, me)
            if me in self.kills:
                accesses = [*accesses, (life_of(me), Mode.READ)]
            if me in self.fails:
                accesses = [*accesses, (course_of(me), Mode.READ)]
            turn = Turn(
                me, operation.label, frozenset(accesses), tuple(sorted(set(after))),
                tuple(released), signature=((me, operation.label, outcome, ""),),
            )  # fmt: skip
        self.turns.append(turn)
        self.taken.append(choice)
        self.last_turn[me] = index
        self.last = me
        if choice.fault != "kill":
            self._go_on(me)

    def _kill(self, me: str) -> Turn:
        operation = self.standing[me]
        assert operation is not None
        if operation.label.startswith("barrier"):
            self.came[me].pop()  # it has not come after all
        self.dead.add(me)
        accesses = frozenset({(life_of(me), Mode.WRITE), (FAULTS, Mode.WRITE)})
        return Turn(f"kill {me}", "kill", accesses, signature=((me, "kill", "killed", ""),))

    def _fail(self, me: str) -> Turn:
        operation = self.standing[me]
        assert operation is not None
        self.failed = True
        accesses = frozenset({(course_of(me), Mode.WRITE), (FAULTS, Mode.WRITE)})
        signature = ((me, operation.label, "failed", ""),)
        return Turn(f"fail {me}", "fail", accesses, moved=(me,), signature=signature)


def _ordered(earlier: Turn, index: int, turn: Turn) -> bool:
    """Does a turn happen after an earlier one directly?"""
    return (
        not {earlier.actor, *earlier.moved}.isdisjoint({turn.actor, *turn.moved})
        or index in turn.after
        or index in turn.released_by
        or any(
            one == other and clash(mode, its)
            for one, mode in turn.accesses
            for other, its in earlier.accesses
        )
    )


def explore(
    program: Program, explorer: Explorer, kills: Kills | None = None, most: int = 1 << 20,
    form: Callable[[Sequence[Turn]], str] = canonical, fails: Kills | None = None,
) -> list[str]:  # fmt: skip
    """The canonical trace of each execution that the explorer ran to its end."""
    found: list[str] = []
    while len(found) < most and explorer.begin():
        run = Run(program, kills or {}, fails or {})
        given_up = False
        while choices := run.choices():
            index = explorer.choose(Point(choices, run.turns))
            if index is None:
                given_up = True
                break
            run.take(choices[index])
        explorer.finish(run.turns, run.pending())
        if not given_up:
            found.append(form(run.turns))
    return found


def every_class(
    program: Program, kills: Kills | None = None,
    form: Callable[[Sequence[Turn]], str] = canonical, fails: Kills | None = None,
) -> tuple[set[str], int]:  # fmt: skip
    """All trace classes, and the number of raw interleavings, by plain enumeration.

    Turn by turn; beginnings that come to the same class and the same state go on as one, with the
    number of them.  `every_interleaving` goes through each to its end instead.
    """
    classes: set[str] = set()
    count = 0
    reached = [(Run(program, kills or {}, fails or {}), 1)]
    while reached:
        further: dict[object, tuple[Run, int]] = {}
        for run, times in reached:
            choices = run.choices()
            if not choices:
                classes.add(form(run.turns))
                count += times
            for number, choice in enumerate(choices, 1):
                after = run if number == len(choices) else run.copy()
                after.take(choice)
                place = after.place()
                same, before = further.get(place, (after, 0))
                further[place] = same, before + times
        reached = list(further.values())
    return classes, count


def every_interleaving(program: Program, kills: Kills, fails: Kills) -> tuple[set[str], int]:
    """Like `every_class`, from the beginning to the end of each, and nothing goes on as one."""
    classes: set[str] = set()
    count = 0
    pending: list[list[int]] = [[]]
    while pending:
        prefix = pending.pop()
        run = Run(program, kills, fails)
        for index in prefix:
            run.take(run.choices()[index])
        while choices := run.choices():
            for other in range(1, len(choices)):
                pending.append([*prefix, other])
            prefix = [*prefix, 0]
            run.take(choices[0])
        classes.add(canonical(run.turns))
        count += 1
    return classes, count
