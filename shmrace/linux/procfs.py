"""What ``/proc`` says about a process that stands still.  Source: proc(5).

Used for facts that cannot change while no actor moves (the parent of each process, what is open),
never to guess whether something waits.
"""

import contextlib
import os
import signal
import stat
from typing import NamedTuple

EVENTFD = "anon_inode:[eventfd"
"""How the link of a descriptor of an eventfd begins."""


PIDFD = "anon_inode:[pidfd"
"""Likewise of a pidfd; "pidfd:" since Linux 6.9."""

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
    try:
        with open(f"/proc/{process}/task/{thread}/stat", "rb") as line:
            return line.read().rsplit(b")", 1)[1].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def blocks_signal(thread: int, number: int) -> bool:
    """Would this signal wait until the thread unblocks it?  True if the thread is gone."""
    return bool(_signals(thread, b"SigBlk:") >> (number - 1) & 1)


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


def descriptors(process: int) -> dict[int, str]:
    """What each open descriptor of a process refers to, as its link says."""
    found = {}
    folder = f"/proc/{process}/fd"
    try:
        names = os.listdir(folder)
    except OSError:
        return {}
    for name in sorted(names, key=int):
        try:
            found[int(name)] = os.readlink(f"{folder}/{name}")
        except OSError:
            continue
    return found


def channels(process: int) -> dict[int, str]:
    """Those of its descriptors through which it may talk to others: pipes, sockets, eventfds."""
    return {
        descriptor: link
        for descriptor, link in descriptors(process).items()
        if link.startswith(("pipe:", "socket:", EVENTFD)) or _is_fifo(process, descriptor)
    }


def _is_fifo(process: int, descriptor: int) -> bool:
    try:
        return stat.S_ISFIFO(descriptor_stat(process, descriptor).st_mode)
    except OSError:
        return False


def lives(process: int) -> bool:
    """Is there such a process, be it dead and not yet reaped?"""
    return os.path.exists(f"/proc/{process}/stat")


def path_in(process: int, path: str) -> str:
    """How this process reaches an absolute path as another one sees it."""
    return f"/proc/{process}/root{path}"


def descriptor_path(process: int | str, descriptor: int) -> str:
    """A path to what a descriptor refers to; `process` may be "self"."""
    return f"/proc/{process}/fd/{descriptor}"


def open_file(process: int, descriptor: int) -> tuple[int, int]:
    """The position and the flags of an open file description; raises `OSError`."""
    found = {}
    with open(f"/proc/{process}/fdinfo/{descriptor}") as info:
        for line in info:
            key, _, value = line.partition(":")
            found[key] = value.strip()
    return int(found["pos"]), int(found["flags"], 8)


def flock_of(process: int, descriptor: int) -> str:
    """The lock of flock(2) that this very open file description holds: "READ" or "WRITE", empty if
    it holds none."""
    with open(f"/proc/{process}/fdinfo/{descriptor}") as info:
        for line in info:
            words = line.split()
            if words[0] == "lock:" and words[2] == "FLOCK":
                return words[4]
    return ""


def position(process: int, descriptor: int) -> int:
    """How far a descriptor has been read; 0 if it is not open."""
    return max(0, _info(process, descriptor, "pos:", 0))


def is_pidfd(process: int, descriptor: int) -> bool:
    """Does a descriptor refer to a process?"""
    return descriptor_link(process, descriptor).startswith((PIDFD, "pidfd:"))


def pidfd_target(process: int, descriptor: int) -> int:
    """The id, in its innermost namespace, of what a pidfd refers to; not positive once it has been
    reaped."""
    return _info(process, descriptor, "NSpid:", -1)


def watched(process: int, descriptor: int) -> list[int]:
    """The descriptors that an epoll watches; none if it is not open."""
    try:
        with open(f"/proc/{process}/fdinfo/{descriptor}") as info:
            return [int(line.split()[1]) for line in info if line.startswith("tfd:")]
    except OSError:
        return []


def _info(process: int, descriptor: int, word: str, default: int) -> int:
    """The last number in a line of ``fdinfo``."""
    try:
        with open(f"/proc/{process}/fdinfo/{descriptor}") as info:
            for line in info:
                if line.startswith(word) and line.split()[1:]:
                    return int(line.split()[-1])
    except OSError:
        pass
    return default


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


def descriptor_stat(process: int, descriptor: int) -> os.stat_result:
    """What a descriptor of a process refers to; raises `OSError` if it is not open."""
    return os.stat(f"/proc/{process}/fd/{descriptor}")


def children(process: int, thread: int) -> list[int]:
    """The children that a thread has forked; empty where the kernel does not tell."""
    try:
        with open(f"/proc/{process}/task/{thread}/children") as listing:
            return [int(child) for child in listing.read().split()]
    except OSError:
        return []


def descriptors_by_file(process: int) -> dict[tuple[int, int], list[int]]:
    """The descriptors of a process for each file that they refer to, given as (device, inode)."""
    found: dict[tuple[int, int], list[int]] = {}
    try:
        folder = os.open(f"/proc/{process}/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return {}
    try:
        for number in sorted(map(int, os.listdir(folder))):
            with contextlib.suppress(OSError):
                at = os.stat(str(number), dir_fd=folder)
                found.setdefault((at.st_dev, at.st_ino), []).append(number)
    except OSError:
        return {}
    finally:
        os.close(folder)
    return found


def descriptors_of(process: int, file: tuple[int, int]) -> list[int]:
    """The descriptors of a process that refer to one file, given as (device, inode)."""
    return descriptors_by_file(process).get(file, [])


def refers_to(process: int, descriptor: int, file: tuple[int, int]) -> bool:
    """Does a descriptor of a process refer to this file?"""
    try:
        at = descriptor_stat(process, descriptor)
    except OSError:
        return False
    return (at.st_dev, at.st_ino) == file


def descriptor_link(process: int, descriptor: int) -> str:
    """What one descriptor refers to; empty if it is not open."""
    try:
        return os.readlink(f"/proc/{process}/fd/{descriptor}")
    except OSError:
        return ""


def descriptor_count(process: int) -> int:
    """How many descriptors are open; 0 once the process is gone."""
    try:
        size = os.stat(f"/proc/{process}/fd").st_size
        return size or len(os.listdir(f"/proc/{process}/fd"))  # Linux < 6.2 has no size there
    except OSError:
        return 0
