"""Model programs for the explorers: no processes, a dictionary for a state.

A program is a list of threads, each a list of operations; an operation looks at the state, may be
disabled, changes the state, and says what it read and wrote.  `explore` drives an explorer over it,
`every_class` enumerates all interleavings by brute force.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shmrace.dependence import Access, Mode
from shmrace.explorers import Explorer, Point
from shmrace.schedule import Choice
from shmrace.trace import Turn, canonical

State = dict[str, Any]
Did = tuple[str, list[Access]]  # outcome, accesses


@dataclass(frozen=True)
class Operation:
    """`enabled` says whether it may run, `run` runs it; `waits_for` names what enabled it."""

    label: str
    run: Callable[[State, str], Did]
    enabled: Callable[[State, str], bool] = lambda state, me: True
    after: Callable[[State, str], list[int]] = lambda state, me: []
    released_by: Callable[[State, str], list[int]] = lambda state, me: []


Thread = Sequence[Operation]


@dataclass
class Run:
    """One execution of a program."""

    program: Sequence[Thread]
    state: State = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    last: str | None = None

    def __post_init__(self) -> None:
        self.places = [0] * len(self.program)

    def choices(self) -> list[Choice]:
        found: list[Choice] = []
        for number, thread in enumerate(self.program):
            place = self.places[number]
            if place < len(thread) and thread[place].enabled(self.state, f"t{number}"):
                found.append(Choice(f"t{number}", thread[place].label))
        return sorted(found, key=lambda choice: choice.actor != self.last)

    def blocked_locks(self) -> list[Turn]:
        """The locks that threads wait for in vain."""
        found = []
        for number, thread in enumerate(self.program):
            place = self.places[number]
            if place < len(thread) and thread[place].label.startswith("lock "):
                name = thread[place].label.removeprefix("lock ")
                found.append(Turn(f"t{number}", "lock", frozenset({(name, Mode.WRITE)})))
        return found

    def take(self, choice: Choice) -> None:
        number = int(choice.actor[1:])
        operation = self.program[number][self.places[number]]
        self.state["turn"] = len(self.turns)
        after = operation.after(self.state, choice.actor)
        released = operation.released_by(self.state, choice.actor)
        outcome, accesses = operation.run(self.state, choice.actor)
        self.turns.append(
            Turn(
                choice.actor,
                choice.operation,
                frozenset(accesses),
                tuple(after),
                tuple(released),
                signature=((choice.actor, choice.operation, outcome, ""),),
            )
        )
        self.places[number] += 1
        self.last = choice.actor


def explore(program: Sequence[Thread], explorer: Explorer, most: int = 1 << 20) -> list[str]:
    """The canonical trace of each execution that the explorer ran to its end."""
    found: list[str] = []
    while len(found) < most and explorer.begin():
        run = Run(program)
        given_up = False
        while choices := run.choices():
            index = explorer.choose(Point(choices, run.turns))
            if index is None:
                given_up = True
                break
            run.take(choices[index])
        explorer.finish(run.turns, run.blocked_locks())
        if not given_up:
            found.append(canonical(run.turns))
    return found


def every_class(program: Sequence[Thread]) -> tuple[set[str], int]:
    """All trace classes, and the number of raw interleavings, by plain enumeration."""
    classes: set[str] = set()
    count = 0
    pending: list[list[int]] = [[]]
    while pending:
        prefix = pending.pop()
        run = Run(program)
        for index in prefix:
            run.take(run.choices()[index])
        while choices := run.choices():
            here = list(prefix)
            for other in range(1, len(choices)):
                pending.append([*here, other])
            prefix = [*prefix, 0]
            run.take(choices[0])
        classes.add(canonical(run.turns))
        count += 1
    return classes, count


# ---------------------------------------------------------------------- operations


def read(variable: str) -> Operation:
    def run(state: State, me: str) -> Did:
        state[me] = state.get(variable, 0)
        return str(state[me]), [(variable, Mode.READ)]

    return Operation(f"read {variable}", run)


def write(variable: str, value: Any = None) -> Operation:
    """Write a value; without one, what the thread read last plus one."""

    def run(state: State, me: str) -> Did:
        state[variable] = state.get(me, 0) + 1 if value is None else value
        return str(state[variable]), [(variable, Mode.WRITE)]

    return Operation(f"write {variable}", run)


def increment(variable: str) -> Operation:
    def run(state: State, me: str) -> Did:
        state[me] = state[variable] = state.get(variable, 0) + 1
        return str(state[me]), [(variable, Mode.WRITE)]

    return Operation(f"increment {variable}", run)


def swap(variable: str, old: int, new: int) -> Operation:
    """Compare and swap; one that fails only reads."""

    def run(state: State, me: str) -> Did:
        if state.get(variable, 0) != old:
            return "no", [(variable, Mode.READ)]
        state[variable] = new
        return "yes", [(variable, Mode.WRITE)]

    return Operation(f"swap {variable}", run)


def lock(name: str) -> Operation:
    def run(state: State, me: str) -> Did:
        state[name] = me
        return "ok", [(name, Mode.WRITE)]

    return Operation(
        f"lock {name}",
        run,
        enabled=lambda state, me: not state.get(name),
        released_by=lambda state, me: [state[f"{name} free"]] if f"{name} free" in state else [],
    )


def unlock(name: str) -> Operation:
    def run(state: State, me: str) -> Did:
        state[name] = None
        state[f"{name} free"] = state["turn"]
        return "ok", []

    return Operation(f"unlock {name}", run)


def create(name: str) -> Operation:
    """With ``O_EXCL``: whoever comes second only reads, and attaches instead."""

    def run(state: State, me: str) -> Did:
        if state.get(name):
            return "EEXIST", [(name, Mode.READ)]
        state[name] = True
        return "ok", [(name, Mode.WRITE)]

    return Operation(f"create {name}", run)


def attach(name: str) -> Operation:
    def run(state: State, me: str) -> Did:
        return ("ok" if state.get(name, True) else "ENOENT"), [(name, Mode.READ)]

    return Operation(f"attach {name}", run)


def unlink(name: str) -> Operation:
    def run(state: State, me: str) -> Did:
        if not state.get(name, True):
            return "ENOENT", [(name, Mode.READ)]
        state[name] = False
        return "ok", [(name, Mode.WRITE)]

    return Operation(f"unlink {name}", run)


def send(receiver: int) -> Operation:
    """To thread number `receiver`; a channel has one sender and one receiver."""

    def run(state: State, me: str) -> Did:
        state.setdefault(f"{me} -> t{receiver}", []).append(state["turn"])
        return "ok", []

    return Operation(f"send {receiver}", run)


def receive(sender: int) -> Operation:
    """The next message of thread number `sender`."""

    def run(state: State, me: str) -> Did:
        state[f"t{sender} -> {me}"].pop(0)
        return "ok", []

    return Operation(
        f"receive {sender}",
        run,
        enabled=lambda state, me: bool(state.get(f"t{sender} -> {me}")),
        after=lambda state, me: [state[f"t{sender} -> {me}"][0]],
    )
