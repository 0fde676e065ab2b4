"""Would this call wait?  Asked of the kernel's own state, never guessed.

A thread that would wait is at a gate that is not enabled.  A futex waits while its word equals the
argument; a read, accept, poll and the like wait until a duplicate of the descriptor polls ready;
wait4 waits until a child is dead.  Source: futex(2), poll(2), epoll_wait(2), wait(2).
"""

import os
import select
import struct
import time
from collections.abc import Callable

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.process import Process
from shmrace.linux import open_files, procfs
from shmrace.linux.decode import seconds_of, signed
from shmrace.linux.process import copy_descriptor

_DONT_WAIT = 0x40  # MSG_DONTWAIT
_NO_HANG = 1  # WNOHANG
_P_PID, _P_PIDFD = 1, 3  # waitid(2)
_OWNER_MASK = 0x3FFFFFFF  # FUTEX_TID_MASK
_LOCK_PI = (6, 13)
_UNTIL = (6, 9, 11, 13)  # LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2: until a moment
_State = Callable[[Actor, Gate], str]
READY, WAITS, NOTHING = "ready", "waits", "nothing"
"""It returns at once with something; it would wait; it returns at once with nothing."""


def state(actor: Actor, gate: Gate) -> str:
    """`READY`, `WAITS` or `NOTHING`.  A call whose arguments cannot be read is `READY`: the kernel
    will say what is wrong with them."""
    try:
        return _STATES[gate.shape.kind](actor, gate)
    except OSError:
        return READY


def timeout(actor: Actor, gate: Gate) -> float | None:
    """Seconds after which the wait ends by itself, or, where `clock_of_limit` says by which clock,
    the moment at which it does; None: never."""
    arguments = gate.notification.arguments
    memory = actor.process.memory
    try:
        if gate.call == "futex":
            return seconds_of(memory.read(arguments[3], 16)) if arguments[3] else None
        if gate.call in ("poll", "epoll_wait", "epoll_pwait"):
            value = signed(arguments[2 if gate.call == "poll" else 3])
            return value / 1000 if value >= 0 else None
        if gate.call in ("ppoll", "futex_waitv", "epoll_pwait2"):
            where = arguments[{"ppoll": 2, "futex_waitv": 3, "epoll_pwait2": 3}[gate.call]]
            return seconds_of(memory.read(where, 16)) if where else None
        if gate.call in ("select", "pselect6"):
            scale = 1e-6 if gate.call == "select" else 1e-9
            return seconds_of(memory.read(arguments[4], 16), scale) if arguments[4] else None
    except OSError:
        return None
    return None


def clock_of_limit(gate: Gate) -> int | None:
    """The clock by which the limit of a wait is a moment; None where it is a span.  Source:
    futex(2)."""
    if gate.call in ("futex_waitv", "futex_wait"):
        return gate.notification.arguments[4 if gate.call == "futex_waitv" else 5]
    if gate.call != "futex" or gate.notification.arguments[1] & 0x7F not in _UNTIL:
        return None
    operation = gate.notification.arguments[1]
    real = operation & 0x7F == _LOCK_PI[0] or operation & 0x100  # FUTEX_CLOCK_REALTIME
    return time.CLOCK_REALTIME if real else time.CLOCK_MONOTONIC


def only_sleeps(gate: Gate) -> bool:
    """A poll or select without any descriptor is a sleep."""
    arguments = gate.notification.arguments
    if gate.call in ("poll", "ppoll"):
        return arguments[1] == 0
    return gate.call in ("select", "pselect6") and not any(arguments[1:4])


def forget_events(actor: Actor, gate: Gate) -> None:
    """Clear what poll and select report, as the kernel does when their time is over."""
    arguments = gate.notification.arguments
    memory = actor.process.memory
    if gate.call in ("poll", "ppoll"):
        for index in range(arguments[1]):
            memory.write(arguments[0] + 8 * index + 6, b"\0\0")
    elif gate.call in ("select", "pselect6"):
        size = (arguments[0] + 63) // 64 * 8
        for where in arguments[1:4]:
            if where:
                memory.write(where, bytes(size))


def is_impatient(actor: Actor, gate: Gate) -> bool:
    """Does the call return at once, whether it has found something or not?"""
    if gate.shape.kind == "child":
        return bool(gate.notification.arguments[2 if gate.call == "wait4" else 3] & _NO_HANG)
    return timeout(actor, gate) == 0


def is_join(actor: Actor, gate: Gate) -> bool:
    """Is it what `Child.join` does when it has been told that the actor is dead?"""
    wanted = _wanted_child(actor, gate)
    found = [one for one in actor.process.children if one.inner == wanted and one.actors]
    return any(one.actors[0].spawned for one in found)


def awaited_children(actor: Actor, gate: Gate) -> list[Process]:
    """The children that a wait may take note of: alive, or dead and not yet reaped."""
    wanted = _wanted_child(actor, gate)
    return [
        child
        for child in actor.process.children
        if (wanted is None or child.inner == wanted) and _unreaped(child)
    ]


def looked_at(actor: Actor, gate: Gate) -> list[int]:
    """The descriptors that a call of poll, select or epoll looks at."""
    arguments = gate.notification.arguments
    if gate.shape.kind == "poll":
        return [descriptor for descriptor, _ in polled(actor, gate)]
    if gate.shape.kind == "select":
        return sorted({descriptor for descriptor, _ in _selected(actor, gate)})
    if gate.shape.kind == "epoll":
        return open_files.watched(actor.process.pid, signed(arguments[0]))
    return []


def described(actor: Actor, gate: Gate) -> str:
    """What the actor waits for, in words, for the report of a deadlock."""
    if gate.shape.family == "lock":
        return "for a file lock"
    if gate.shape.kind == "futex":
        return "for a lock or a condition in memory (futex)"
    if gate.shape.kind == "child":
        names = [child.name for child in actor.process.children if child.alive]
        return f"for the end of its child {', '.join(names)}"
    if gate.shape.kind in ("read", "write"):
        descriptor = signed(gate.notification.arguments[0])
        link = open_files.link(actor.process.pid, descriptor).partition(":")[0]
        return f"in {gate.call} on a {link or 'descriptor'}"
    return f"in {gate.call}"


def _futex(actor: Actor, gate: Gate) -> str:
    arguments = gate.notification.arguments
    memory = actor.process.memory
    if gate.call == "futex_waitv":
        for index in range(arguments[1]):
            value, where = struct.unpack("=QQ", memory.read(arguments[0] + 24 * index, 16))
            if _word(actor, where) != value & 0xFFFFFFFF:
                return READY
        return WAITS
    word = _word(actor, arguments[0])
    if gate.call == "futex" and arguments[1] & 0x7F in _LOCK_PI:
        return READY if word & _OWNER_MASK == 0 else WAITS
    expected = arguments[2] if gate.call == "futex" else arguments[1]
    return READY if word != expected & 0xFFFFFFFF else WAITS


def _word(actor: Actor, where: int) -> int:
    return int(struct.unpack("=I", actor.process.memory.read(where, 4))[0])


def _descriptor(events: int) -> _State:
    def of(actor: Actor, gate: Gate) -> str:
        descriptor = signed(gate.notification.arguments[0])
        if not open_files.may_wait(open_files.status(actor.process.pid, descriptor).st_mode):
            return READY
        copy = copy_descriptor(actor.process.pidfd, descriptor)
        try:
            if _polls(copy, events):
                return READY
            return NOTHING if never_waits(gate, copy) else WAITS
        finally:
            os.close(copy)

    return of


def never_waits(gate: Gate, copy: int) -> bool:
    """Does the call return at once from this descriptor, of which `copy` is a duplicate?"""
    flags = gate.shape.flags
    dont_wait = flags is not None and gate.notification.arguments[flags] & _DONT_WAIT
    return bool(dont_wait) or not os.get_blocking(copy)


def _connect(actor: Actor, gate: Gate) -> str:
    return READY


def _epoll(actor: Actor, gate: Gate) -> str:
    copy = copy_descriptor(actor.process.pidfd, signed(gate.notification.arguments[0]))
    try:
        return _unless_impatient(_polls(copy, select.POLLIN), timeout(actor, gate))
    finally:
        os.close(copy)


def _poll(actor: Actor, gate: Gate) -> str:
    wanted = polled(actor, gate)
    return _unless_impatient(_any_ready(actor.process, wanted), timeout(actor, gate))


def polled(actor: Actor, gate: Gate) -> list[tuple[int, int]]:
    """What a call of poll asks about, as (descriptor, events)."""
    where, count, *_ = gate.notification.arguments
    wanted = []
    for index in range(count):
        descriptor, events, _ = struct.unpack(
            "=ihh", actor.process.memory.read(where + 8 * index, 8)
        )
        if descriptor >= 0:
            wanted.append((descriptor, events & 0xFFFF))
    return wanted


def _select(actor: Actor, gate: Gate) -> str:
    wanted = _selected(actor, gate)
    return _unless_impatient(_any_ready(actor.process, wanted), timeout(actor, gate))


def _selected(actor: Actor, gate: Gate) -> list[tuple[int, int]]:
    """What a call of select asks about, as (descriptor, events)."""
    arguments = gate.notification.arguments
    wanted = []
    sets = ((arguments[1], select.POLLIN), (arguments[2], select.POLLOUT),
            (arguments[3], select.POLLPRI))  # fmt: skip
    for where, events in sets:
        if where:
            size = (arguments[0] + 63) // 64 * 8
            bits = int.from_bytes(actor.process.memory.read(where, size), "little")
            wanted += [(one, events) for one in range(arguments[0]) if bits >> one & 1]
    return wanted


def _wanted_child(actor: Actor, gate: Gate) -> int | None:
    """The child that a wait is for; None for any."""
    arguments = gate.notification.arguments
    if gate.call == "wait4":
        which = signed(arguments[0])
        return which if which > 0 else None
    if arguments[0] == _P_PIDFD:
        return open_files.pidfd_target(actor.process.pid, signed(arguments[1]))
    return arguments[1] if arguments[0] == _P_PID else None


def _child(actor: Actor, gate: Gate) -> str:
    candidates = awaited_children(actor, gate)
    if not candidates or any(not child.alive for child in candidates):
        return READY
    return NOTHING if is_impatient(actor, gate) else WAITS


def _unreaped(child: Process) -> bool:
    return child.alive or (not child.reaped and procfs.exit_status(child.pid) is not None)


def _any_ready(process: Process, wanted: list[tuple[int, int]]) -> bool:
    for descriptor, events in wanted:
        try:
            copy = copy_descriptor(process.pidfd, descriptor)
        except OSError:
            return True  # POLLNVAL: the call says so at once
        try:
            if _polls(copy, events):
                return True
        finally:
            os.close(copy)
    return False


def _polls(descriptor: int, events: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, events)
    return bool(poll.poll(0))


def _unless_impatient(ready: bool, limit: float | None) -> str:
    if ready:
        return READY
    return NOTHING if limit == 0 else WAITS


_STATES: dict[str, _State] = {
    "futex": _futex,
    "read": _descriptor(select.POLLIN),
    "write": _descriptor(select.POLLOUT),
    "connect": _connect,
    "ask": _connect,
    "poll": _poll,
    "select": _select,
    "epoll": _epoll,
    "child": _child,
}
