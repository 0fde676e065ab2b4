"""A scratch directory for one fork server, and what becomes of those whose owners were killed.

Actors find a directory of their own in it, empty in each execution but for what their `setup` made.

An owner holds a lock on its directory, which ends with the last of its processes, also where their
ids cannot be seen from here.  Only directories that nobody else could have made are swept.
Source: flock(2), mkdtemp(3).
"""

import contextlib
import fcntl
import glob
import os
import shutil
import signal
import stat
import tempfile
import time

from shmrace.engine.processes.journal import sweep_created
from shmrace.linux import open_files, procfs

_PREFIX = "shmrace-"
_MOST_ROUNDS = 20
_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Scratch:
    """A directory, the descriptor that holds its lock, and the actors' part of it."""

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")
        self.lock = os.open(self.path, _FLAGS)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.actors = os.path.join(self.path, "actors")
        os.mkdir(self.actors)
        self._made_in_setup: frozenset[str] = frozenset()

    def set_up(self) -> None:
        """What the actors have written by now stays for their processes' life."""
        self._made_in_setup = frozenset(_below(self.actors))

    def keeps_setup(self) -> bool:
        """Is all still there that was written in the setup?"""
        return all(map(os.path.lexists, self._made_in_setup))

    def clean(self, keep_setup: bool) -> None:
        """Remove what an execution left, and what `setup` made unless its processes are kept; an
        actor may have removed the directory, or put something else in its place."""
        if not keep_setup:
            self._made_in_setup = frozenset()
        _opened(self.path)
        for path in _below(self.actors):
            if path not in self._made_in_setup:
                _remove(path)
        if not _is_folder(self.actors):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.actors)
            os.makedirs(self.path, mode=0o700, exist_ok=True)
            os.mkdir(self.actors)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def _below(top: str) -> list[str]:
    """All paths below a directory, what a directory holds before itself; links are not followed,
    and directories that were closed to their owner are opened."""
    found: list[str] = []
    if _opened(top):
        for folder, folders, files in os.walk(top):
            found += [os.path.join(folder, name) for name in [*folders, *files]]
            for name in folders:
                _opened(os.path.join(folder, name))
    return found[::-1]


def _opened(path: str) -> bool:
    """Let the owner of a directory use it; False if the path is none."""
    if not _is_folder(path):
        return False
    if os.lstat(path).st_mode & 0o700 != 0o700:
        os.chmod(path, 0o700)
    return True


def _is_folder(path: str) -> bool:
    """A directory itself, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        (os.rmdir if _is_folder(path) else os.unlink)(path)


def end_who_holds(lock: int) -> None:
    """SIGKILL all other processes that have inherited the descriptor of a scratch directory."""
    found = os.fstat(lock)
    file = (found.st_dev, found.st_ino)
    for _ in range(_MOST_ROUNDS):  # one that was about to fork may have done so
        left = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
        ended = False
        for pid in left:
            if pid != os.getpid() and open_files.of_file(pid, file):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                    ended = True
        if not ended:
            return
        time.sleep(0.01)


def sweep_dead() -> None:
    """Remove the scratch directories of orchestrators that were killed, and what they left."""
    for path in sorted(glob.glob(os.path.join(tempfile.gettempdir(), f"{_PREFIX}*-*"))):
        owner = os.path.basename(path).removeprefix(_PREFIX).partition("-")[0]
        if not owner.isdecimal() or procfs.lives(int(owner)):
            continue
        with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
            lock = os.open(path, _FLAGS)
            opened.callback(os.close, lock)
            found = os.fstat(lock)
            if found.st_uid == os.geteuid() and found.st_mode & 0o777 == 0o700:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                sweep_created(path)
                shutil.rmtree(path, ignore_errors=True)
