"""What a process that stands still has open, as ``/proc`` says.  Source: proc(5).

A descriptor's *link* is the kernel's text for what it refers to, such as ``pipe:[81]``; its
*description* is what descriptors share that were duplicated or inherited.
"""

import contextlib
import os
import stat

EVENTFD = "anon_inode:[eventfd"
"""How the link of a descriptor of an eventfd begins."""


PIDFD = "anon_inode:[pidfd"
"""Likewise of a pidfd; "pidfd:" since Linux 6.9."""


def links(process: int) -> dict[int, str]:
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
        descriptor: target
        for descriptor, target in links(process).items()
        if target.startswith(("pipe:", "socket:", EVENTFD)) or _is_fifo(process, descriptor)
    }


def _is_fifo(process: int, descriptor: int) -> bool:
    try:
        return stat.S_ISFIFO(status(process, descriptor).st_mode)
    except OSError:
        return False


def path(process: int | str, descriptor: int) -> str:
    """A path to what a descriptor refers to; `process` may be "self"."""
    return f"/proc/{process}/fd/{descriptor}"


def description(process: int, descriptor: int) -> tuple[int, int]:
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
    return link(process, descriptor).startswith((PIDFD, "pidfd:"))


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


def status(process: int, descriptor: int) -> os.stat_result:
    """What a descriptor of a process refers to; raises `OSError` if it is not open."""
    return os.stat(f"/proc/{process}/fd/{descriptor}")


def by_file(process: int) -> dict[tuple[int, int], list[int]]:
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


def of_file(process: int, file: tuple[int, int]) -> list[int]:
    """The descriptors of a process that refer to one file, given as (device, inode)."""
    return by_file(process).get(file, [])


def link(process: int, descriptor: int) -> str:
    """What one descriptor refers to; empty if it is not open."""
    try:
        return os.readlink(f"/proc/{process}/fd/{descriptor}")
    except OSError:
        return ""


def count(process: int) -> int:
    """How many descriptors are open; 0 once the process is gone."""
    try:
        size = os.stat(f"/proc/{process}/fd").st_size
        return size or len(os.listdir(f"/proc/{process}/fd"))  # Linux < 6.2 has no size there
    except OSError:
        return 0


def may_wait(mode: int) -> bool:
    """May a read or write of what has this mode wait?  A file or a directory never does; a FIFO and
    a terminal have a path as well, and do."""
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISBLK(mode))
