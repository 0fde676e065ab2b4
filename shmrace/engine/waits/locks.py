"""Would taking this file lock wait?  Source: flock(2), fcntl(2), F_GETLK.

A lock of flock belongs to an open file description, so the question is asked of the kernel with a
description of one's own, and the lock is given back at once; a record lock is asked about with
F_GETLK, which takes nothing.
"""

import contextlib
import fcntl
import os
import struct

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.linux import procfs
from shmrace.linux.process import copy_descriptor

_FLOCK = struct.Struct("hhqqi4x")
_F_OFD_SETLKW = 38


def would_wait(actor: Actor, gate: Gate) -> bool:
    """False for an unlock, a lock that is free, and one that is asked for without waiting."""
    return kind(actor, gate) == "lock" and is_taken(actor, gate)


def kind(actor: Actor, gate: Gate) -> str:
    """ "lock" waits, "try-lock" does not, "unlock" gives back."""
    arguments = gate.notification.arguments
    if gate.call == "flock":
        if arguments[1] & fcntl.LOCK_UN:
            return "unlock"
        return "try-lock" if arguments[1] & fcntl.LOCK_NB else "lock"
    if _FLOCK.unpack(actor.process.memory.read(arguments[2], _FLOCK.size))[0] == fcntl.F_UNLCK:
        return "unlock"
    return "lock" if arguments[1] in (fcntl.F_SETLKW, _F_OFD_SETLKW) else "try-lock"


def is_taken(actor: Actor, gate: Gate) -> bool:
    """Does somebody else hold what this call asks for?"""
    arguments = gate.notification.arguments
    if kind(actor, gate) == "unlock":
        return False
    if gate.call == "flock":
        wanted = arguments[1] & (fcntl.LOCK_SH | fcntl.LOCK_EX)
        return _flock_is_taken(actor, gate.descriptor, wanted)
    return _record_is_taken(actor, gate.descriptor, arguments[2])


def _flock_is_taken(actor: Actor, descriptor: int, operation: int) -> bool:
    path = procfs.descriptor_path(actor.process.pid, descriptor)
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
        # a description that holds the lock itself may convert it
        return not procfs.holds_lock(actor.process.pid, descriptor)
    finally:
        os.close(own)
    return False


def _record_is_taken(actor: Actor, descriptor: int, where: int) -> bool:
    wanted = actor.process.memory.read(where, _FLOCK.size)
    copy = copy_descriptor(actor.process.pidfd, descriptor)
    try:
        kind, *_, holder = _FLOCK.unpack(fcntl.fcntl(copy, fcntl.F_GETLK, wanted))
    finally:
        os.close(copy)
    return bool(kind != fcntl.F_UNLCK and holder != actor.process.pid)
