"""What a lock call asks for, and what the kernel says of the locks of a file.

A request is read before its call, which may overwrite it.  Whether it would wait follows from what
is known to be held; the kernel is asked as well, as a stranger, and its word counts.  A lock of
flock(2) is asked about with an open file description of one's own, and given back at once; a record
lock with F_GETLK, which takes nothing.  Source: flock(2), fcntl(2), proc_pid_fdinfo(5).
"""

import contextlib
import errno
import fcntl
import os
import stat
import struct

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.file_locks import FileLocks, Held, OpenFile
from shmrace.engine.state.gate import Gate
from shmrace.linux import open_files
from shmrace.linux.decode import signed
from shmrace.linux.process import copy_descriptor
from shmrace.model.locks import TO_THE_END, LockFamily, LockRequest
from shmrace.model.operations import LockPlace, Operation

_FLOCK = struct.Struct("hhqqi4x")
_O_PATH = 0o10000000
_COMMANDS = {
    fcntl.F_GETLK: (Operation.ASK_LOCK, LockFamily.RECORD),
    fcntl.F_SETLK: (Operation.TRY_LOCK, LockFamily.RECORD),
    fcntl.F_SETLKW: (Operation.LOCK, LockFamily.RECORD),
    36: (Operation.ASK_LOCK, LockFamily.OFD),
    37: (Operation.TRY_LOCK, LockFamily.OFD),
    38: (Operation.LOCK, LockFamily.OFD),
}
"""What each command of fcntl(2) is; the numbers are F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW."""


def request(actor: Actor, gate: Gate) -> LockRequest | None:
    """What a lock call asks for; None if the kernel will refuse it for its arguments."""
    arguments = gate.notification.arguments
    process = actor.process
    position, flags = open_files.description(process.pid, gate.descriptor)
    if flags & _O_PATH:
        return None
    if gate.call == "flock":
        return _of_flock(signed(arguments[1]))
    operation, family = _COMMANDS[arguments[1]]
    kind, whence, start, length, holder = _FLOCK.unpack(
        process.memory.read(arguments[2], _FLOCK.size)
    )
    if family is LockFamily.OFD and holder:
        return None
    if whence not in (os.SEEK_SET, os.SEEK_CUR, os.SEEK_END):
        return None
    if whence == os.SEEK_CUR:
        start += position
    elif whence == os.SEEK_END:
        start += open_files.status(process.pid, gate.descriptor).st_size
    end = start + length if length else TO_THE_END
    start, end = min(start, end), max(start, end)
    if start < 0 or end > TO_THE_END:
        return None
    if kind == fcntl.F_UNLCK and operation is not Operation.ASK_LOCK:
        return LockRequest(Operation.UNLOCK, family, True, start, end)
    if kind not in (fcntl.F_RDLCK, fcntl.F_WRLCK):
        return None
    needed = os.O_RDONLY if kind == fcntl.F_RDLCK else os.O_WRONLY
    mode = flags & os.O_ACCMODE
    if operation is not Operation.ASK_LOCK and mode not in (needed, os.O_RDWR):
        return None
    return LockRequest(operation, family, kind == fcntl.F_WRLCK, start, end)


def _of_flock(operation: int) -> LockRequest | None:
    wanted = operation & ~fcntl.LOCK_NB
    if wanted == fcntl.LOCK_UN:
        return LockRequest(Operation.UNLOCK, LockFamily.FLOCK)
    if wanted not in (fcntl.LOCK_SH, fcntl.LOCK_EX):
        return None
    kind = Operation.TRY_LOCK if operation & fcntl.LOCK_NB else Operation.LOCK
    return LockRequest(kind, LockFamily.FLOCK, wanted == fcntl.LOCK_EX)


def place_of(gate: Gate) -> LockPlace:
    """The file, and the space of locks in it, that a lock call is about."""
    assert gate.inode is not None and gate.lock is not None
    return gate.inode, gate.lock.family.space


def is_taken(actor: Actor, gate: Gate) -> bool:
    """Is somebody else in the way of what this call asks for?"""
    locks, asked = actor.process.locks, gate.lock
    if asked is None or asked.operation is Operation.UNLOCK or not locks.held(place_of(gate)):
        return False
    assert gate.inode is not None
    owner = locks.owner(asked.family, (actor.process.pid, gate.descriptor), gate.inode)
    return bool(locks.in_the_way(place_of(gate), asked, owner))


def converts(actor: Actor, gate: Gate) -> bool:
    """Does the call ask for another flock than its open file description has?  It gives the old
    one up before it waits for the new one."""
    locks, asked = actor.process.locks, gate.lock
    if asked is None or asked.family is not LockFamily.FLOCK or not asked.takes:
        return False
    assert gate.inode is not None
    held = locks.held(place_of(gate))
    owner = locks.owner(asked.family, (actor.process.pid, gate.descriptor), gate.inode)
    return any(one.owner is owner and one.exclusive != asked.exclusive for one in held)


def give_up(actor: Actor, gate: Gate) -> None:
    """Unlock, as the kernel does at the beginning of a conversion."""
    copy = copy_descriptor(actor.process.pidfd, gate.descriptor)
    try:
        fcntl.flock(copy, fcntl.LOCK_UN)
    finally:
        os.close(copy)


def ask_the_kernel(actor: Actor, gate: Gate) -> str:
    """Correct what is known of a file's locks by what the kernel says; empty, or what is odd about
    it."""
    asked = gate.lock
    if asked is None or asked.operation is Operation.UNLOCK:
        return ""
    locks, place = actor.process.locks, place_of(gate)
    expected = locks.in_the_way(place, asked, None)
    try:
        found = _refused(actor, gate, asked)
    except OSError:
        return ""  # a file that cannot be opened once more
    if found is bool(expected):
        return ""
    if not found:
        locks.correct(place, (one for one in locks.held(place) if one not in expected))
        return "a file lock was given back by what is no gate"
    held = _holders(locks, place) if asked.family is LockFamily.FLOCK else []
    locks.correct(place, held or [Held(-1, asked.family, True, 0, TO_THE_END)])
    return "" if held else "a file lock is held by nobody that is known"


def _holders(locks: FileLocks, place: LockPlace) -> list[Held]:
    """Who holds a lock of flock(2), taken before the execution or passed on unseen."""
    found: list[tuple[OpenFile, bool]] = []
    for process in locks.everybody():
        for descriptor in open_files.of_file(process, place[0]):
            with contextlib.suppress(OSError):
                kind = open_files.flock_of(process, descriptor)
                if not kind:
                    continue
                carrier = (process, descriptor)
                for file, _ in found:
                    if file.has(carrier):
                        file.carriers.add(carrier)
                        break
                else:
                    found.append((OpenFile(place[0], [carrier]), kind == "WRITE"))
    return [Held(file, LockFamily.FLOCK, exclusive, 0, TO_THE_END) for file, exclusive in found]


def _refused(actor: Actor, gate: Gate, asked: LockRequest) -> bool:
    """Would the kernel refuse a stranger what this call asks for?"""
    if asked.family is not LockFamily.FLOCK:
        return _record_is_refused(actor, gate, asked)
    own = _opened(actor, gate)
    try:
        fcntl.flock(own, (fcntl.LOCK_EX if asked.exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        fcntl.flock(own, fcntl.LOCK_UN)
    except BlockingIOError:
        return True
    finally:
        os.close(own)
    return False


def _opened(actor: Actor, gate: Gate) -> int:
    found = open_files.status(actor.process.pid, gate.descriptor)
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise OSError(errno.EINVAL, "opening it may change something")
    path = open_files.path(actor.process.pid, gate.descriptor)
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except PermissionError:
        return os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NONBLOCK)


def _record_is_refused(actor: Actor, gate: Gate, asked: LockRequest) -> bool:
    kind = fcntl.F_WRLCK if asked.exclusive else fcntl.F_RDLCK
    length = 0 if asked.end == TO_THE_END else asked.end - asked.start
    wanted = _FLOCK.pack(kind, os.SEEK_SET, asked.start, length, 0)
    copy = copy_descriptor(actor.process.pidfd, gate.descriptor)
    try:
        return bool(_FLOCK.unpack(fcntl.fcntl(copy, fcntl.F_GETLK, wanted))[0] != fcntl.F_UNLCK)
    finally:
        os.close(copy)
