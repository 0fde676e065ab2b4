"""The operations of model programs: memory, names, locks, messages, barriers."""

from __future__ import annotations

from typing import Any

from shmrace.model.objects import (
    DIRECTORY,
    Mode,
    life_of,
    lock_state_of,
    message_of,
    name_of,
    size_of,
)
from tests.support.model import Did, Operation, Run, taken


def read(variable: str) -> Operation:
    """The value lies in the state under the thread's name afterwards."""

    def perform(run: Run, me: str) -> Did:
        run.state[me] = run.state.get(variable, 0)
        return str(run.state[me]), [(name_of(variable), Mode.READ)]

    return Operation(f"read {variable}", perform)


def write(variable: str, value: Any = None) -> Operation:
    """Write a value; without one, what the thread read last plus one."""

    def perform(run: Run, me: str) -> Did:
        run.state[variable] = run.state.get(me, 0) + 1 if value is None else value
        return str(run.state[variable]), [(name_of(variable), Mode.WRITE)]

    return Operation(f"write {variable}", perform)


def increment(variable: str, by: int = 1) -> Operation:
    """An atomic one."""

    def perform(run: Run, me: str) -> Did:
        run.state[me] = run.state[variable] = run.state.get(variable, 0) + by
        return str(run.state[me]), [(name_of(variable), Mode.WRITE)]

    return Operation(f"increment {variable}", perform)


def swap(variable: str, old: int, new: int) -> Operation:
    """Compare and swap; one that fails only reads."""

    def perform(run: Run, me: str) -> Did:
        run.state[me] = run.state.get(variable, 0) == old
        if not run.state[me]:
            return "no", [(name_of(variable), Mode.READ)]
        run.state[variable] = new
        return "yes", [(name_of(variable), Mode.WRITE)]

    return Operation(f"swap {variable}", perform)


def lock(name: str) -> Operation:
    def perform(run: Run, me: str) -> Did:
        run.state[name] = me
        return "ok", taken(name)

    return Operation(
        f"lock {name}",
        perform,
        enabled=lambda run, me: not run.state.get(name),
        released_by=lambda run, me: _released(run, name),
    )


def try_lock(name: str) -> Operation:
    """Fails if somebody holds it."""

    def perform(run: Run, me: str) -> Did:
        seen = (lock_state_of(name, "flock"), Mode.READ)
        if run.state.get(name):
            return "EAGAIN", [seen]
        run.state[name] = me
        return "ok", [seen, *taken(name)]

    return Operation(
        f"try-lock {name}",
        perform,
        released_by=lambda run, me: [] if run.state.get(name) else _released(run, name),
    )


def unlock(name: str) -> Operation:
    """Does nothing if the thread does not hold it."""

    def perform(run: Run, me: str) -> Did:
        if run.state.get(name) != me:
            return "not held", []
        run.state[name] = None
        run.state[f"{name} free"] = len(run.turns)
        return "ok", [(lock_state_of(name, "flock"), Mode.UPDATE)]

    return Operation(f"unlock {name}", perform)


def _released(run: Run, name: str) -> list[int]:
    return [run.state[f"{name} free"]] if f"{name} free" in run.state else []


def create(name: str) -> Operation:
    """With ``O_EXCL``: whoever comes second only reads, and attaches instead."""

    def perform(run: Run, me: str) -> Did:
        if run.state.get(name):
            return "EEXIST", [(name_of(name), Mode.READ)]
        run.state[name] = True
        return "ok", [(name_of(name), Mode.WRITE), (DIRECTORY, Mode.UPDATE)]

    return Operation(f"create {name}", perform)


def attach(name: str) -> Operation:
    def perform(run: Run, me: str) -> Did:
        return ("ok" if run.state.get(name, True) else "ENOENT"), [(name_of(name), Mode.READ)]

    return Operation(f"attach {name}", perform)


def unlink(name: str) -> Operation:
    def perform(run: Run, me: str) -> Did:
        if not run.state.get(name, True):
            return "ENOENT", [(name_of(name), Mode.READ)]
        run.state[name] = False
        return "ok", [(name_of(name), Mode.WRITE), (DIRECTORY, Mode.UPDATE)]

    return Operation(f"unlink {name}", perform)


def truncate(name: str, size: int) -> Operation:
    """Touches the size of what it finds, and only the name if it finds nothing."""

    def perform(run: Run, me: str) -> Did:
        if not run.state.get(name, True):
            return "ENOENT", [(name_of(name), Mode.READ)]
        run.state[f"size {name}"] = size
        return "ok", [(name_of(name), Mode.READ), (size_of(name), Mode.WRITE)]

    return Operation(f"truncate {name}", perform)


def size(name: str, bytes_: int) -> Operation:
    """Sets the size of what the thread holds, whatever became of the name."""

    def perform(run: Run, me: str) -> Did:
        run.state[f"size {name}"] = bytes_
        return "ok", [(size_of(name), Mode.WRITE)]

    return Operation(f"size {name} {bytes_}", perform)


def look(name: str) -> Operation:
    """Asks for the size by the name: touches only the name if it finds nothing."""

    def perform(run: Run, me: str) -> Did:
        if not run.state.get(name, True):
            return "ENOENT", [(name_of(name), Mode.READ)]
        seen = [(name_of(name), Mode.READ), (size_of(name), Mode.READ)]
        return str(run.state.get(f"size {name}", 0)), seen

    return Operation(f"look {name}", perform)


def measure(name: str) -> Operation:
    """Asks for the size of what the thread holds, whatever became of the name."""

    def perform(run: Run, me: str) -> Did:
        return str(run.state.get(f"size {name}", 0)), [(size_of(name), Mode.READ)]

    return Operation(f"measure {name}", perform)


def listing() -> Operation:
    """Sees every name: creations and removals commute with each other, but not with it."""

    def perform(run: Run, me: str) -> Did:
        names = sorted(name for name in ("s", "r") if run.state.get(name, True))
        return " ".join(names), [(DIRECTORY, Mode.READ)]

    return Operation("list", perform)


def send(receiver: int) -> Operation:
    """To thread number `receiver`."""

    def perform(run: Run, me: str) -> Did:
        run.state.setdefault(f"{me} -> t{receiver}", []).append(len(run.turns))
        return "ok", [(message_of(me, f"t{receiver}"), Mode.WRITE)]

    return Operation(f"send {receiver}", perform)


def receive(sender: int) -> Operation:
    """The next message of thread number `sender`; waits for it, or learns of its death."""
    source = f"t{sender}"

    def waiting(run: Run, me: str) -> list[int]:
        return run.state.get(f"{source} -> {me}") or []

    def perform(run: Run, me: str) -> Did:
        if not waiting(run, me):
            return "PeerDied", []
        waiting(run, me).pop(0)
        return "ok", []

    return Operation(
        f"receive {sender}",
        perform,
        enabled=lambda run, me: bool(waiting(run, me)) or source in run.dead,
        after=lambda run, me: (waiting(run, me) or [run.last_turn[source]])[:1],
    )


def poll(sender: int) -> Operation:
    """Takes a message of thread number `sender` if there is one."""

    def perform(run: Run, me: str) -> Did:
        looked = [(message_of(f"t{sender}", me), Mode.READ)]
        messages = run.state.get(f"t{sender} -> {me}")
        if not messages:
            return "nothing", looked
        messages.pop(0)
        return "ok", looked

    return Operation(f"poll {sender}", perform)


def barrier(*members: int) -> Operation:
    """Waits until all members stand in it for the n-th time, or learns of a death.

    Arrivals commute: a thread arrives when it comes to stand here.
    """
    names = [f"t{member}" for member in members]

    def absent(run: Run, me: str) -> list[str]:
        nth = len(run.came[me])
        found = [name for name in names if len(run.came.get(name, ())) < nth]
        return sorted(found, key=lambda name: name not in run.dead)

    def perform(run: Run, me: str) -> Did:
        lives = [(life_of(name), Mode.READ) for name in names] if run.kills else []
        return ("PeerDied" if absent(run, me) else "ok"), lives

    def after(run: Run, me: str) -> list[int]:
        died = [run.last_turn[name] for name in absent(run, me)[:1]]
        nth = len(run.came[me])
        turns = died or [run.came[name][nth - 1] for name in names]
        return [turn for turn in turns if turn >= 0]

    return Operation(
        "barrier",
        perform,
        enabled=lambda run, me: not absent(run, me) or not run.dead.isdisjoint(absent(run, me)),
        after=after,
    )


def local() -> Operation:
    """Nobody notices it."""
    return Operation("local", lambda run, me: ("ok", []))


MEMORY = [make(name) for name in ("x", "y") for make in (read, write, increment)]
SWAPS = [swap(name, old, old + 1) for name in ("x", "y") for old in (0, 1)]
NAMES = [make(name) for name in ("s", "r") for make in (create, attach, unlink)]
SIZES = [listing(), truncate("s", 1), truncate("s", 2), measure("s")]
LOCKS = [lock("l"), lock("m"), unlock("l"), unlock("m"), try_lock("l")]
