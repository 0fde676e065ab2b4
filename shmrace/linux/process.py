"""Handles on processes: pidfds, their signals, copies of their descriptors, their cores.

Source: pidfd_open(2), pidfd_getfd(2), pidfd_send_signal(2), sched_setaffinity(2), prctl(2).
"""

import contextlib
import errno
import os
import select
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

from shmrace.linux import libc
from shmrace.linux.syscalls import native

_KCMP_FILE = 0
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
    try:
        return libc.syscall(native().numbers["pidfd_getfd"], pidfd, descriptor, 0)
    except OSError as error:
        raise OSError(error.errno, error.strerror, "pidfd_getfd") from None


def same_open_file(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Do two descriptors, given as (process, descriptor), refer to one open file description?

    Source: kcmp(2).  False if one of them is not open.
    """
    (process, descriptor), (other, other_descriptor) = first, second
    number = native().numbers["kcmp"]
    try:
        return libc.syscall(number, process, other, _KCMP_FILE, descriptor, other_descriptor) == 0
    except OSError as error:
        if error.errno in (errno.EBADF, errno.ESRCH):
            return False
        raise


def kill(pidfd: int) -> None:
    """SIGKILL; nothing happens if the process is gone."""
    send(pidfd, signal.SIGKILL)


def send(pidfd: int, number: signal.Signals) -> None:
    """Send a signal; nothing happens if the process is gone."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, number)


def has_ended(pidfd: int) -> bool:
    """Is the process dead, be it reaped or not?"""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(0))


def signal_thread(process: int, thread: int, number: int) -> None:
    """tgkill(2): a signal for one thread; raises `OSError` if it is gone."""
    libc.syscall(native().numbers["tgkill"], process, thread, number)


class _Pinned(threading.local):
    """How many in this thread asked to be pinned, and where it ran before."""

    users = 0
    before: frozenset[int] = frozenset()


_PINNED = _Pinned()


def _number() -> int:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    return int(worker) if worker.isdecimal() else os.getpid()


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Pin this thread, and what it forks meanwhile, to one of its cores; may be nested.

    A hand-over between processes on one core is 4 to 11 times faster than between two.  Parallel
    test workers spread over the cores, by the number that pytest-xdist gives them; others by id.
    """
    outermost = not _PINNED.users
    if outermost:
        _PINNED.before = frozenset(os.sched_getaffinity(0))
    try:
        _PINNED.users += 1
        if outermost:
            cores = sorted(_PINNED.before)
            os.sched_setaffinity(0, {cores[_number() % len(cores)]})
        yield
    finally:
        if outermost:
            _PINNED.users = 0
            os.sched_setaffinity(0, _PINNED.before)
        else:
            _PINNED.users -= 1


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """A signal that comes during the block is handled after it.

    A timeout or Ctrl-C raises from a handler; between a fork and the line that remembers it, that
    would leave a process behind.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, _DEFERRED)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def take_again() -> None:
    """For a process forked in an `undisturbed` block: its signals, but for SIGTERM, come again."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {*_DEFERRED} - {signal.SIGTERM})


@contextlib.contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Within the block SIGTERM is told on standard error, and does what Ctrl-C does."""
    ours = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL and (
        threading.current_thread() is threading.main_thread()
    )
    if ours:
        signal.signal(signal.SIGTERM, _terminated)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def end_by_sigterm() -> None:
    """For a process forked in that block: SIGTERM ends it, as it would any other."""
    if signal.getsignal(signal.SIGTERM) is _terminated:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    os.write(2, b"shmrace: SIGTERM has come; what was found so far follows, if anything was\n")
    raise KeyboardInterrupt
