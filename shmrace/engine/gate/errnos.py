"""How a gated call may fail without being run: the errnos that its manual page allows.

Resources that run out, permissions, interruptions; not what the state of ``/dev/shm`` decides
(`ENOENT`, `EEXIST`), which only a real call can tell.  Source: the ERRORS section of each manual
page, section 2; `ENOSPC` of ftruncate(2) is what file systems that reserve give.
"""

import errno

from shmrace.engine.state.actor import Gate

_OPEN = "EACCES EINTR EMFILE ENFILE ENOMEM EPERM"
_NEW_NAME = "EACCES EDQUOT ENOMEM ENOSPC EPERM"

ALLOWED: dict[str, frozenset[str]] = {
    operation: frozenset(names.split())
    for operation, names in {
        "attach": _OPEN,
        "create": f"{_OPEN} EDQUOT ENOSPC",
        "unlink": "EACCES EBUSY EIO ENOMEM EPERM EROFS",
        "rename": f"{_NEW_NAME} EBUSY",
        "link": f"{_NEW_NAME} EMLINK",
        "symlink": _NEW_NAME,
        "mknod": _NEW_NAME,
        "mkdir": f"{_NEW_NAME} EMLINK",
        "truncate": "EACCES EFBIG EINTR EIO EPERM",
        "size": "EFBIG EINTR EIO ENOMEM ENOSPC EPERM",
        "reserve": "EFBIG EINTR EIO ENOSPC ENOSYS EOPNOTSUPP EPERM",
        "stat": "EIO ENOMEM EOVERFLOW",
        "look": "EACCES EIO ENOMEM",
        "map": "EACCES EAGAIN ENFILE ENOMEM EPERM",
        "read": "EINTR EIO",
        "write": "EDQUOT EFBIG EINTR EIO ENOSPC",
        "flock": "EINTR ENOLCK",
        "record-lock": "EINTR ENOLCK",
        "fork": "EAGAIN ENOMEM",
        "thread": "EAGAIN ENOMEM",
        "exec": "EACCES EIO EMFILE ENFILE ENOMEM",
        "sleep": "EINTR",
        "signal": "EPERM",
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
