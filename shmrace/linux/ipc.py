"""What an IPC namespace holds of System V objects and POSIX message queues, and its removal.

They outlive the processes that made them, so an execution would find what the one before it left.
Source: sysvipc(7), proc(5), shmctl(2), semctl(2), msgctl(2), mq_overview(7).
"""

import contextlib
import os

from shmrace.linux import libc
from shmrace.linux.syscalls import native

CALLS = frozenset({"shmget", "semget", "msgget", "mq_open"})
"""Calls that may make something that outlives its maker."""

MESSAGE_QUEUES = "/dev/mqueue"
_REMOVE = 0  # IPC_RMID
_REMOVED_BY = {"shm": ("shmctl", 1), "sem": ("semctl", 2), "msg": ("msgctl", 1)}
"""For each listing in ``/proc/sysvipc``: the call, and which of its arguments is the command."""


def remove_all() -> None:
    """Remove everything that the caller's IPC namespace holds; only for a private one."""
    for kind, (call, place) in _REMOVED_BY.items():
        for number in _listed(kind):
            arguments = [number, 0, 0, 0]
            arguments[place] = _REMOVE
            with contextlib.suppress(OSError):  # another process removed it meanwhile
                libc.syscall(native().numbers[call], *arguments)
    with contextlib.suppress(OSError):  # a machine without message queues
        for name in os.listdir(MESSAGE_QUEUES):
            os.unlink(f"{MESSAGE_QUEUES}/{name}")


def _listed(kind: str) -> list[int]:
    try:
        with open(f"/proc/sysvipc/{kind}", encoding="ascii") as listing:
            return [int(line.split()[1]) for line in listing.readlines()[1:]]
    except OSError:
        return []
