"""Would taking this file lock wait?  Source: flock(2), fcntl(2), F_GETLK.

A lock of flock belongs to an open file description, so the question is asked of the kernel with a
description of one's own, and the lock is given back at once; a record lock is asked about with
F_GETLK, which takes nothing.
"""

import contextlib
import fcntl
import os
import struct

from shmrace.engine.actor import Actor, Gate
from shmrace.linux import process as processes

_FLOCK = struct.Struct("hhqqi4x")


def would_wait(actor: Actor, gate: Gate) -> bool:
    """False for an unlock, a lock that is free, and one that is asked for without waiting."""
    arguments = gate.notification.arguments
    if gate.call == "flock":
        operation = arguments[1] & 0xFF
        if operation & (fcntl.LOCK_NB | fcntl.LOCK_UN):
            return False
        return _flock_is_taken(actor, gate.descriptor, operation)
    if arguments[1] in (fcntl.F_SETLKW, 38):  # 38: F_OFD_SETLKW
        return _record_is_taken(actor, gate.descriptor, arguments[2])
    return False


def gives_back(actor: Actor, gate: Gate) -> bool:
    """Is it an unlock?"""
    arguments = gate.notification.arguments
    if gate.call == "flock":
        return bool(arguments[1] & fcntl.LOCK_UN)
    kind = _FLOCK.unpack(actor.process.memory.read(arguments[2], _FLOCK.size))[0]
    return bool(kind == fcntl.F_UNLCK)


def _flock_is_taken(actor: Actor, descriptor: int, operation: int) -> bool:
    path = f"/proc/{actor.process.pid}/fd/{descriptor}"
    for mode in (os.O_RDONLY, os.O_WRONLY):
        with contextlib.suppress(PermissionError):
            own = os.open(path, mode | os.O_CLOEXEC)
            break
    else:
        return False
    try:
        fcntl.flock(own, operation | fcntl.LOCK_NB)
        fcntl.flock(own, fcntl.LOCK_UN)
    except BlockingIOError:
        return not _holds_itself(actor, descriptor)
    finally:
        os.close(own)
    return False


def _holds_itself(actor: Actor, descriptor: int) -> bool:
    """Is it this very description that holds the lock?  Then it may convert it."""
    with open(f"/proc/{actor.process.pid}/fdinfo/{descriptor}") as info:
        return any(line.startswith("lock:") and "FLOCK" in line for line in info)


def _record_is_taken(actor: Actor, descriptor: int, where: int) -> bool:
    wanted = actor.process.memory.read(where, _FLOCK.size)
    copy = processes.copy_descriptor(actor.process.pidfd, descriptor)
    try:
        kind, *_, holder = _FLOCK.unpack(fcntl.fcntl(copy, fcntl.F_GETLK, wanted))
    finally:
        os.close(copy)
    return bool(kind != fcntl.F_UNLCK and holder != actor.process.pid)
