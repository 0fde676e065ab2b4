"""Handles on processes: pidfds, their signals, copies of their descriptors, their cores.

Source: pidfd_open(2), pidfd_getfd(2), pidfd_send_signal(2), sched_setaffinity(2), prctl(2).
"""

import contextlib
import os
import signal
from collections.abc import Iterator

from shmrace.linux import libc
from shmrace.linux.syscalls import native

_SET_PARENT_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36
_DEFERRED = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP)


def end_with_parent(parent: int | None, number: int = signal.SIGKILL) -> None:
    """Send this process a signal when its parent ends; end at once if that has happened already.

    `parent` is its id as this process sees it, None where it lies in another pid namespace.
    """
    libc.prctl(_SET_PARENT_DEATH_SIGNAL, number)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Be the parent of every descendant that loses its own."""
    libc.prctl(_SET_CHILD_SUBREAPER, 1)


def copy_descriptor(pidfd: int, descriptor: int) -> int:
    """A duplicate of another process' descriptor, in this one; raises `OSError`."""
    with libc.refused_by("pidfd_getfd"):
        return libc.syscall(native().numbers["pidfd_getfd"], pidfd, descriptor, 0)


def kill(pidfd: int) -> None:
    """SIGKILL; nothing happens if the process is gone."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)


def signal_thread(process: int, thread: int, number: int) -> None:
    """tgkill(2): a signal for one thread; raises `OSError` if it is gone."""
    libc.syscall(native().numbers["tgkill"], process, thread, number)


class _Pinned:
    """Whether this process is pinned, how many asked for it, and where it ran before."""

    users = 0
    before: set[int] = set()


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Pin this process, and what it forks meanwhile, to one of its cores; may be nested.

    A hand-over between processes on one core is 4 to 11 times faster than between two.  Which
    core follows from the process' id, so that parallel test workers spread.
    """
    if not _Pinned.users:
        _Pinned.before = os.sched_getaffinity(0)
        cores = sorted(_Pinned.before)
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})
    _Pinned.users += 1
    try:
        yield
    finally:
        _Pinned.users -= 1
        if not _Pinned.users:
            os.sched_setaffinity(0, _Pinned.before)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """No signal handler of this process interrupts the block: it comes afterwards.

    A timeout or Ctrl-C raises from a handler; between a fork and the line that remembers it, that
    would leave a process behind.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _DEFERRED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def take_again() -> None:
    """For a process forked in an `undisturbed` block: its signals, but for SIGTERM, come again."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {*_DEFERRED} - {signal.SIGTERM})
