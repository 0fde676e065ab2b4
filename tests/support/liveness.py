"""Programs that ask whether a process lives, in every way that is known.

Each returns what it was told, so that its outcomes can be held against plain enumeration.
"""

import ctypes
import os
import resource
import select
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shmrace
from shmrace import World
from shmrace.linux.syscalls import native

_LIBC = ctypes.CDLL(None, use_errno=True)


def is_there(pid: int) -> bool:
    """By a signal that does nothing."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _pidfd(pid: int) -> bool:
    os.close(os.pidfd_open(pid))
    return True


def _polled(pid: int) -> bool:
    pidfd = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return not poll.poll(0)


def _epolled(pid: int) -> bool:
    with select.epoll() as epoll:
        epoll.register(os.pidfd_open(pid), select.EPOLLIN)
        return not epoll.poll(0)


def _signalled(pid: int) -> bool:
    signal.pidfd_send_signal(os.pidfd_open(pid), 0)
    return True


def _thread(pid: int) -> bool:
    if _LIBC.syscall(native().numbers["tgkill"], pid, pid, 0):
        raise ProcessLookupError
    return True


def _state(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"


def _linked(pid: int) -> bool:
    return bool(os.readlink(f"/proc/{pid}/exe"))


def _descriptors(pid: int) -> bool:
    return bool(os.listdir(f"/proc/{pid}/fd"))


WAYS: dict[str, Callable[[int], bool]] = {
    "kill": is_there,
    "tgkill": _thread,
    "pidfd_open": _pidfd,
    "poll of a pidfd": _polled,
    "epoll of a pidfd": _epolled,
    "pidfd_send_signal": _signalled,
    "stat of /proc/PID": lambda pid: os.path.exists(f"/proc/{pid}"),
    "access of a file there": lambda pid: os.access(f"/proc/{pid}/status", os.F_OK),
    "state in /proc/PID/stat": _state,
    "readlink of /proc/PID/exe": _linked,
    "listing of /proc/PID/fd": _descriptors,
    "listing of /proc": lambda pid: str(pid) in os.listdir("/proc"),
    "getpgid": lambda pid: os.getpgid(pid) >= 0,
    "getsid": lambda pid: os.getsid(pid) >= 0,
    "getpriority": lambda pid: os.getpriority(os.PRIO_PROCESS, pid) > -100,
    "sched_getaffinity": lambda pid: bool(os.sched_getaffinity(pid)),
    "prlimit": lambda pid: bool(resource.prlimit(pid, resource.RLIMIT_NOFILE)),
}
"""Each says whether the process lives, or raises as the system does where it is not there."""


class Asked(shmrace.Scenario):
    """One says which process it is, and ends; the other asks whether it lives."""

    how = "kill"

    @shmrace.actor()
    def target(self, world: World) -> None:
        world.send("asker", os.getpid())

    @shmrace.actor()
    def asker(self, world: World) -> bool:
        try:
            return WAYS[self.how](world.recv("target"))
        except (ProcessLookupError, FileNotFoundError):
            return False


class ThreadAsked(shmrace.Scenario):
    """A thread of another process, which ends long before its process."""

    start = "fork"

    @shmrace.actor()
    def target(self, world: World) -> None:
        thread = threading.Thread(target=lambda: world.send("asker", threading.get_native_id()))
        thread.start()
        thread.join()
        world.recv("asker")

    @shmrace.actor()
    def asker(self, world: World) -> bool:
        thread = world.recv()
        alive = not _LIBC.syscall(native().numbers["tkill"], thread, 0)
        world.send("target", "done")
        return alive


class GrandchildAsked(shmrace.Scenario):
    """A grandchild, which nobody waits for once its parent has ended."""

    start = "fork"

    @shmrace.actor()
    def parent(self, world: World) -> None:
        if os.fork() == 0:
            pid = os.fork()
            if pid:
                world.send("asker", pid)
            os._exit(0)

    @shmrace.actor()
    def asker(self, world: World) -> bool:
        return is_there(world.recv())


class ZombieAsked(shmrace.Scenario):
    """A child that is dead is there until its parent waits for it; the parent asks before."""

    start = "fork"

    @shmrace.actor()
    def parent(self, world: World) -> list[bool]:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        world.send("asker", pid)
        before = is_there(pid)
        os.waitpid(pid, 0)
        return [before, is_there(pid)]

    @shmrace.actor()
    def asker(self, world: World) -> tuple[bool, bool]:
        pid = world.recv("parent")
        try:
            return is_there(pid), _state(pid)
        except (ProcessLookupError, FileNotFoundError):
            return is_there(pid), False


class ChildPolled(shmrace.Scenario):
    """A parent that does not wait looks for the end of its child, once."""

    @shmrace.actor()
    def parent(self, world: World) -> bool:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        world.checkpoint("forked")
        ended = os.waitpid(pid, os.WNOHANG)[0] != 0
        if not ended:
            os.waitpid(pid, 0)
        return ended


class ParentAsked(shmrace.Scenario):
    """A child sees by the number of its parent whether that has ended."""

    start = "fork"

    @shmrace.actor()
    def parent(self, world: World) -> None:
        pid = os.getpid()
        if os.fork() == 0:
            world.send("told", os.getppid() == pid)
            os._exit(0)

    @shmrace.actor()
    def told(self, world: World) -> Any:
        return world.recv()


class DescriptorsListed(shmrace.Scenario):
    """How many descriptors another process has open, while it opens and closes some."""

    start = "fork"

    @shmrace.actor()
    def target(self, world: World) -> None:
        world.send("asker", os.getpid())
        opened = os.open("/dev/null", os.O_RDONLY)
        world.checkpoint("opened")
        os.close(opened)
        world.checkpoint("closed")
        world.recv("asker")

    @shmrace.actor()
    def asker(self, world: World) -> int:
        count = len(os.listdir(f"/proc/{world.recv('target')}/fd"))
        world.send("target", "done")
        return count


class PidfdAwaited(shmrace.Scenario):
    """One waits on a pidfd for the end of another; a third asks."""

    start = "fork"

    @shmrace.actor()
    def target(self, world: World) -> None:
        for name in ("waiter", "asker"):
            world.send(name, os.getpid())

    @shmrace.actor()
    def waiter(self, world: World) -> bool:
        pid = world.recv("target")
        try:
            pidfd = os.pidfd_open(pid)
        except ProcessLookupError:
            return False
        select.select([pidfd], [], [])
        return is_there(pid)

    @shmrace.actor()
    def asker(self, world: World) -> bool:
        return is_there(world.recv("target"))


class KilledByOther(shmrace.Scenario):
    """One ends another by a signal, whose steps may come before or not happen at all."""

    start = "fork"

    @shmrace.actor()
    def target(self, world: World) -> None:
        for name in ("killer", "asker"):
            world.send(name, os.getpid())

    @shmrace.actor()
    def killer(self, world: World) -> bool:
        try:
            os.kill(world.recv("target"), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    @shmrace.actor()
    def asker(self, world: World) -> bool | None:
        try:
            return is_there(world.recv("target"))
        except shmrace.PeerDied:
            return None
