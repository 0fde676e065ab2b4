"""How a gated call may fail without being run: the errnos that its manual page allows.

Resources that run out, permissions, interruptions; not what the state of ``/dev/shm`` decides
(`ENOENT`, `EEXIST`), which only a real call can tell.  Source: the ERRORS section of each manual
page, section 2; `ENOSPC` of ftruncate(2) is what file systems that reserve give.
"""

import errno

from shmrace.engine.state.gate import Gate
from shmrace.model.operations import Operation

_OPEN = "EACCES EINTR EMFILE ENFILE ENOMEM EPERM"
_NEW_NAME = "EACCES EDQUOT ENOMEM ENOSPC EPERM"

ALLOWED: dict[str, frozenset[str]] = {
    operation: frozenset(names.split())
    for operation, names in {
        Operation.ATTACH: _OPEN,
        Operation.CREATE: f"{_OPEN} EDQUOT ENOSPC",
        Operation.UNLINK: "EACCES EBUSY EIO ENOMEM EPERM EROFS",
        Operation.RENAME: f"{_NEW_NAME} EBUSY",
        Operation.LINK: f"{_NEW_NAME} EMLINK",
        Operation.SYMLINK: _NEW_NAME,
        Operation.MKNOD: _NEW_NAME,
        Operation.MKDIR: f"{_NEW_NAME} EMLINK",
        Operation.TRUNCATE: "EACCES EFBIG EINTR EIO EPERM",
        Operation.SIZE: "EFBIG EINTR EIO ENOMEM ENOSPC EPERM",
        Operation.RESERVE: "EFBIG EINTR EIO ENOSPC ENOSYS EOPNOTSUPP EPERM",
        Operation.STAT: "EIO ENOMEM EOVERFLOW",
        Operation.LOOK: "EACCES EIO ENOMEM",
        Operation.MAP: "EACCES EAGAIN ENFILE ENOMEM EPERM",
        Operation.READ: "EINTR EIO",
        Operation.WRITE: "EDQUOT EFBIG EINTR EIO ENOSPC",
        Operation.FLOCK: "EINTR ENOLCK",
        Operation.RECORD_LOCK: "EINTR ENOLCK",
        Operation.FORK: "EAGAIN ENOMEM",
        Operation.THREAD: "EAGAIN ENOMEM",
        Operation.EXEC: "EACCES EIO EMFILE ENFILE ENOMEM",
        Operation.SLEEP: "EINTR",
        Operation.SIGNAL: "EPERM",
    }.items()
}
"""What may be injected, by the operation at the gate."""

ERRNOS = sorted(frozenset[str]().union(*ALLOWED.values()))


def number(name: str) -> int:
    """The errno of this name."""
    return int(getattr(errno, name))


def may_fail(gate: Gate, name: str) -> bool:
    """May the call at this gate fail so?"""
    if gate.shape.family == "primitive" or name not in ALLOWED.get(gate.operation, ()):
        return False
    if gate.call == "memfd_create":
        return name in ("EMFILE", "ENFILE", "ENOMEM")
    return True


def interruptible(gate: Gate) -> bool:
    """May a signal interrupt the call, so that it returns `EINTR`?  A primitive, which is the
    harness' own, asks once more."""
    if gate.shape.family in ("primitive", "wait", "lock", "sleep"):
        return True
    return "EINTR" in ALLOWED.get(gate.operation, ())
