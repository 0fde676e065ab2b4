"""What ``/proc`` says about a process that stands still.  Source: proc(5).

Used for facts that cannot change while no actor moves (the parent of each process, its signals),
never to guess whether something waits.  What it has open: `open_files`.
"""

import os
import signal
from typing import NamedTuple

_HARMLESS = frozenset(
    int(one)
    for one in (
        0, signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH, signal.SIGCONT, signal.SIGSTOP,
        signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU,
    )
)  # fmt: skip
"""Signals that end nobody by default.  Source: signal(7)."""


class Identity(NamedTuple):
    """Whose thread this is: `process` and `parent` as the orchestrator sees them, `inner` as the
    process sees itself."""

    process: int
    parent: int
    inner: int


def identity(thread: int) -> Identity:
    """Raises `OSError` if the thread is gone."""
    process = parent = inner = 0
    with open(f"/proc/{thread}/status", "rb") as status:
        for line in status:
            if line.startswith(b"Tgid:"):
                process = int(line.split()[1])
            elif line.startswith(b"PPid:"):
                parent = int(line.split()[1])
            elif line.startswith(b"NSpid:"):
                inner = int(line.split()[-1])
                break
    return Identity(process, parent, inner)


def stat_field(process: int, number: int) -> int:
    """Field `number` of ``/proc/<pid>/stat``, counted from 1 as proc(5) does; raises `OSError`."""
    with open(f"/proc/{process}/stat", "rb") as line:
        return int(line.read().rsplit(b")", 1)[1].split()[number - 3])


def exit_status(process: int) -> int | None:
    """The wait status of a process that is dead and not yet reaped; None if it was reaped."""
    try:
        return stat_field(process, 52)
    except OSError:
        return None


def address_space(process: int) -> int:
    """A number that changes when the process executes another program; 0 once it is gone."""
    try:
        return stat_field(process, 28)
    except OSError:
        return 0


def threads(process: int) -> list[int]:
    """Its living threads in the order of their ids; empty once it is gone."""
    try:
        return sorted(int(name) for name in os.listdir(f"/proc/{process}/task"))
    except OSError:
        return []


def command_line(process: int) -> list[str]:
    """The arguments of the program that a process runs; none if it is gone."""
    try:
        with open(f"/proc/{process}/cmdline", "rb") as line:
            return line.read().decode(errors="replace").rstrip("\0").split("\0")
    except OSError:
        return []


def thread_lives(process: int, thread: int) -> bool:
    """Is the thread there, and not merely waiting to be forgotten?"""
    return _state(process, thread) not in (b"Z", b"X", b"")


def sleeps(process: int, thread: int) -> bool:
    """Does the thread sleep, until something wakes it or a signal comes?"""
    return _state(process, thread) == b"S"


def is_stopped(process: int, thread: int) -> bool:
    """Does the thread stand still, like all of its process, until that gets SIGCONT?"""
    return _state(process, thread) == b"T"


def _state(process: int, thread: int) -> bytes:
    """One letter; none if the thread is gone."""
    try:
        with open(f"/proc/{process}/task/{thread}/stat", "rb") as line:
            return line.read().rsplit(b")", 1)[1].split()[0]
    except OSError:
        return b""


def system_call(process: int, thread: int) -> int:
    """The number of the call in which a thread is; -1 if it is in none, or not known."""
    number, *_ = _call(process, thread)
    return int(number) if number != b"running" else -1


def first_argument(process: int, thread: int) -> int:
    """Of the call in which a thread is; 0 if that is not known."""
    _, *arguments = _call(process, thread)
    return int(arguments[0], 16) if arguments else 0


def _call(process: int, thread: int) -> list[bytes]:
    try:
        with open(f"/proc/{process}/task/{thread}/syscall", "rb") as line:
            return line.read().split() or [b"-1"]
    except OSError:
        return [b"-1"]


def blocks_signal(thread: int, number: int) -> bool:
    """Would this signal wait until the thread unblocks it?  True if the thread is gone."""
    return bool(_signals(thread, b"SigBlk:") >> (number - 1) & 1)


def is_traced(thread: int) -> bool:
    """Would any signal stop the thread, for its tracer to see?  True if the thread is gone."""
    try:
        with open(f"/proc/{thread}/status", "rb") as status:
            return any(
                line.startswith(b"TracerPid:") and line.split()[1] != b"0" for line in status
            )
    except OSError:
        return True


def handles_signal(thread: int, number: int) -> bool:
    """Has the process a handler for this signal?  True if the thread is gone."""
    return bool(_signals(thread, b"SigCgt:") >> (number - 1) & 1)


def _signals(thread: int, which: bytes) -> int:
    """A set of signals, one bit for each; all of them if the thread is gone."""
    try:
        with open(f"/proc/{thread}/status", "rb") as status:
            for line in status:
                if line.startswith(which):
                    return int(line.split()[1], 16)
    except OSError:
        pass
    return -1


def lives(process: int) -> bool:
    """Is there such a process, be it dead and not yet reaped?"""
    return os.path.exists(f"/proc/{process}/stat")


def path_in(process: int, path: str) -> str:
    """How this process reaches an absolute path as another one sees it."""
    return f"/proc/{process}/root{path}"


def group(process: int) -> int:
    """The process group, as a number here; raises `OSError` if the process is gone."""
    return stat_field(process, 5)


def dies_of(process: int, number: int) -> bool:
    """Would this signal end a process at once: is it neither handled, ignored nor blocked?"""
    if number == signal.SIGKILL:
        return True
    if number in _HARMLESS or number >= 64:
        return False
    bit = 1 << (number - 1)
    if (_signals(process, b"SigCgt:") | _signals(process, b"SigIgn:")) & bit:
        return False
    return any(not _signals(one, b"SigBlk:") & bit for one in threads(process))


def children(process: int, thread: int) -> list[int]:
    """The children that a thread has forked; empty where the kernel does not tell."""
    try:
        with open(f"/proc/{process}/task/{thread}/children") as listing:
            return [int(child) for child in listing.read().split()]
    except OSError:
        return []
