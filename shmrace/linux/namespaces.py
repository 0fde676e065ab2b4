"""A pid namespace, a mount namespace, an IPC namespace and a ``/dev/shm`` of one's own.

In them the leak check is exact, pids are the same in every execution, killing the first process
ends all others, and what they make of System V segments and the like ends with them.  Source:
unshare(2), pid_namespaces(7), user_namespaces(7), ipc_namespaces(7), tmpfs(5).
"""

import contextlib
import os

from shmrace.linux import ipc, libc

SHM = "/dev/shm"
_NEW_MOUNTS, _NEW_IPC, _NEW_USERS, _NEW_PIDS = 0x00020000, 0x08000000, 0x10000000, 0x20000000
_OWN = _NEW_MOUNTS | _NEW_IPC | _NEW_PIDS
_RECURSIVE, _PRIVATE = 0x4000, 0x40000
_LAST_PID = "/proc/sys/kernel/ns_last_pid"


def enter(shm_size: int | None) -> None:
    """Leave the caller's namespaces; `shm_size` in bytes, None for the kernel's default.

    The next fork of this process is the first of the new pid namespace.  Raises `OSError` where
    namespaces are refused.  Must be called in a process with one thread.
    """
    user, group = os.geteuid(), os.getegid()
    if not _entered_as_root(user):
        libc.unshare(_NEW_USERS | _OWN)
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    libc.mount("none", "/", None, _RECURSIVE | _PRIVATE, None)
    size = f",size={shm_size}" if shm_size is not None else ""
    libc.mount("tmpfs", SHM, "tmpfs", 0, f"mode=1777{size}")
    with contextlib.suppress(OSError):  # a machine without message queues
        libc.mount("mqueue", ipc.MESSAGE_QUEUES, "mqueue", 0, None)


def refused(shm_size: int | None) -> str:
    """Why `enter` would fail; empty if it would not.  Tried in a child process, since half of it
    cannot be undone.  Raises `ChildProcessError` if that was ended before it could tell."""
    incoming, outgoing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            enter(shm_size)
            os.write(outgoing, b"+")
        except OSError as error:
            os.write(outgoing, f"-{error}".encode())
        finally:
            os._exit(0)
    os.close(outgoing)
    with os.fdopen(incoming) as said:
        text = said.read()
    os.waitpid(pid, 0)
    if not text:
        raise ChildProcessError("the process that tried the namespaces was ended from outside")
    return text[1:]


def _entered_as_root(user: int) -> bool:
    """A root without capabilities, as in many a container, is refused."""
    if user == 0:
        with contextlib.suppress(PermissionError):
            libc.unshare(_OWN)
            return True
    return False


def mount_proc() -> None:
    """Make ``/proc`` show the pids as this namespace counts them; raises `OSError`."""
    libc.mount("proc", "/proc", "proc", 0, None)


def next_pid(pid: int) -> None:
    """Let the next fork of this namespace get `pid`, if it is free; raises `OSError`."""
    _write(_LAST_PID, str(pid - 1))


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
