"""Handles on processes: pidfds, their signals, copies of their descriptors, their cores.

Source: pidfd_open(2), pidfd_getfd(2), pidfd_send_signal(2), sched_setaffinity(2), prctl(2).
"""

import contextlib
import os
import signal
from collections.abc import Iterator

from shmrace.linux import libc
from shmrace.linux.syscalls import native

_SET_PARENT_DEATH_SIGNAL = 1


def end_with_parent(parent: int | None) -> None:
    """SIGKILL this process when its parent ends; end at once if that has happened already.

    `parent` is its id as this process sees it, None where it lies in another pid namespace.
    """
    libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def copy_descriptor(pidfd: int, descriptor: int) -> int:
    """A duplicate of another process' descriptor, in this one; raises `OSError`."""
    return libc.syscall(native().numbers["pidfd_getfd"], pidfd, descriptor, 0)


def kill(pidfd: int) -> None:
    """SIGKILL; nothing happens if the process is gone."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)


def signal_thread(process: int, thread: int, number: int) -> None:
    """tgkill(2): a signal for one thread; raises `OSError` if it is gone."""
    libc.syscall(native().numbers["tgkill"], process, thread, number)


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Pin this process, and what it forks meanwhile, to one of its cores.

    A hand-over between processes on one core is 4 to 11 times faster than between two.  Which
    core follows from the process' id, so that parallel test workers spread.
    """
    before = os.sched_getaffinity(0)
    cores = sorted(before)
    os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
