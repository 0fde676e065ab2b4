"""Closing a descriptor: a step where it may give back a file lock, and no gate elsewhere.

An open file description that several processes have is let go of in several steps, of which the
last gives its lock back.  In a process that was forked, or has forked, a close that gives nothing
back would have given something back had a relative taken the lock before, so it *looks* at the
locks of its file.  Source: close(2), dup(2), close_range(2), flock(2), fcntl(2).
"""

import stat

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.process import Process
from shmrace.linux import open_files
from shmrace.linux.decode import signed
from shmrace.model.operations import Inode

_CLOSE_ON_EXEC = 4  # CLOSE_RANGE_CLOEXEC
_EXECUTES_WITHOUT = 0o2000000  # O_CLOEXEC


def gives_back(actor: Actor, gate: Gate) -> bool:
    """Fill in what the call closes; may it give a lock back?"""
    process = actor.process
    locks = process.locks
    gate.closes = _closed(process, gate)
    if not gate.closes:
        return False
    alone = sum(not one.ended for one in process.actors) == 1
    needed = bool(record_files(process, gate.closes))
    lets_go = []
    for descriptor in gate.closes:
        file = locks.carried(process.pid, descriptor)
        if file is None:
            continue
        if not locks.is_locked(file) or (
            alone and locks.other_descriptor(process.pid, file, gate.closes) is not None
        ):
            lets_go.append(descriptor)
        else:
            needed = True
    if needed:
        for descriptor in gate.closes:
            gate.inode = gate.inode or _file(process, descriptor)
    elif lets_go:
        locks.closed(process.pid, lets_go, ())
    if process.has_relatives and not needed:
        look(process, gate.closes)
    return needed


def record_files(process: Process, descriptors: tuple[int, ...]) -> list[Inode]:
    """The files among those closed in which the process has record locks."""
    known = process.locks.records(process.pid)
    if not known:
        return []
    found = (_file(process, descriptor) for descriptor in descriptors)
    return sorted({one for one in found if one is not None and one in known})


def look(process: Process, descriptors: tuple[int, ...]) -> None:
    """Note that a process lets go of these descriptors, by which a relative may take a lock."""
    for descriptor in descriptors:
        inode = _file(process, descriptor)
        if inode is not None and inode not in process.locks.unconcerned:
            process.looked_at.add(inode)
            process.locks.name(inode, open_files.link(process.pid, descriptor))


def closed_by_exec(process: Process) -> tuple[int, ...]:
    """The descriptors that do not live on when the process executes a program."""
    found = []
    for descriptor in open_files.links(process.pid):
        try:
            if open_files.description(process.pid, descriptor)[1] & _EXECUTES_WITHOUT:
                found.append(descriptor)
        except OSError:
            continue
    return tuple(found)


def _closed(process: Process, gate: Gate) -> tuple[int, ...]:
    arguments = gate.notification.arguments
    first = signed(arguments[0])
    if gate.call == "close":
        return (first,)
    if gate.call == "close_range":
        if arguments[2] & _CLOSE_ON_EXEC:
            return ()
        last = arguments[1] & 0xFFFFFFFF
        if process.has_relatives or process.locks.records(process.pid):
            known = list(open_files.links(process.pid))
        else:
            known = process.locks.descriptors(process.pid)
        return tuple(one for one in known if arguments[0] & 0xFFFFFFFF <= one <= last)
    over = signed(arguments[1])
    is_needless = first == over or not open_files.link(process.pid, first)
    return () if is_needless else (over,)


def _file(process: Process, descriptor: int) -> Inode | None:
    """The regular file that a descriptor refers to, if it does to one."""
    try:
        found = open_files.status(process.pid, descriptor)
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None
