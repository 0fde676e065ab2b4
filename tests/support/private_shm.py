"""A ``/dev/shm`` that only the suite uses, so that whatever appears in it is the suite's own.

A name in the machine's ``/dev/shm`` does not tell which process made it, and neither inotify(7) nor
an unprivileged fanotify(7) does: a browser or another test run may make one at any moment.  So the
process that runs the tests enters a mount namespace with an empty tmpfs there, once, before the
first test; everything that it starts inherits this.

As root each process of the suite does so, a worker of pytest-xdist too.  An ordinary user needs a
user namespace as well, which only a process with one thread may enter: the process that starts the
workers can do it, and the workers, which have two threads, share what it has made.  Where both are
refused, the suite uses the machine's, and `is_ours` judges a file by its owner and its name.
Source: mount_namespaces(7), user_namespaces(7).
"""

import os
import re
from pathlib import Path

from shmrace.linux import libc

SHM = Path("/dev/shm")
DEVICE = "SHMRACE_TESTS_SHM"
"""The environment variable with the device number of the suite's own ``/dev/shm``."""

NAMES = re.compile(
    r"psm_[0-9a-f]{8}|torch_\d+_.*|shmrace-.*|[a-z]|fixed|joined|lock|other|half-born|creator-dies"
)
"""The names that code under test makes: by Python, by torch, and written out in tests."""

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000
_RECURSIVE, _PRIVATE = 0x4000, 0x40000


def enter() -> None:
    """Give this process a ``/dev/shm`` of its own, where that is allowed."""
    for flags in (_NEW_MOUNTS, _NEW_MOUNTS | _NEW_USER):
        if _allowed(flags):
            _enter(flags)
            os.environ[DEVICE] = str(SHM.stat().st_dev)
            return


def is_private() -> bool:
    """Is ``/dev/shm`` the suite's own?"""
    return os.environ.get(DEVICE) == str(SHM.stat().st_dev)


def is_ours(name: str) -> bool:
    """Was a file that appeared in ``/dev/shm`` during a test made by the suite?"""
    if is_private():
        return True
    try:
        return SHM.joinpath(name).lstat().st_uid == os.geteuid() and bool(NAMES.fullmatch(name))
    except FileNotFoundError:
        return False


def _allowed(flags: int) -> bool:
    """Tried in a child: a process that has done half of it cannot go back."""
    if flags & _NEW_USER and len(os.listdir("/proc/self/task")) > 1:
        return False  # which the child, with one thread, would not notice
    pid = os.fork()
    if pid == 0:
        try:
            _enter(flags)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _enter(flags: int) -> None:
    user, group = os.geteuid(), os.getegid()
    libc.unshare(flags)
    if flags & _NEW_USER:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    libc.mount("none", "/", None, _RECURSIVE | _PRIVATE, None)
    libc.mount("tmpfs", str(SHM), "tmpfs", 0, "mode=1777")
