"""What was created in the host's ``/dev/shm``, written down so that it can be swept after an
orchestrator that was killed.

A line for each name, in the scratch directory, with what tells the file from any later one of that
name: inode, device, and the boot.  A line before it announces a name that is about to be made, with
the time, in case the orchestrator does not live to see it.  What it says is believed only where
nobody else could have written it, and a name that leads elsewhere is never followed.
"""

import contextlib
import json
import os
import stat
import time

from shmrace.linux.namespaces import SHM
from shmrace.model.operations import Inode

_FILE = "created"
_TICK, _SOON = 20_000_000, 10_000_000_000
"""Nanoseconds: by how much a file's time may be behind the clock, and how long an actor may take to
make what was announced."""


class Journal:
    """The journal of one orchestrator; `close` it."""

    def __init__(self, scratch: str) -> None:
        flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(os.path.join(scratch, _FILE), flags, 0o600)
        self._boot = _boot()

    def announced(self, name: str) -> None:
        """Nothing has this name now, and an actor is let through that may make it."""
        self._write(name, None, time.time_ns())

    def created(self, name: str, inode: Inode) -> None:
        self._write(name, *inode)

    def _write(self, name: str, *words: int | None) -> None:
        line = json.dumps([self._boot, *words, os.fsencode(name).hex()])
        os.write(self._file, line.encode() + b"\n")

    def close(self) -> None:
        os.close(self._file)


def sweep_created(scratch: str) -> None:
    """Remove from the host's ``/dev/shm`` what the orchestrator with this scratch directory, which
    is dead, saw being created, if it is still the same file."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
        journal = os.open(os.path.join(scratch, _FILE), flags)
        lines = opened.enter_context(os.fdopen(journal, "rb")).read().splitlines()
        if os.fstat(journal).st_uid != os.geteuid():
            return
        directory = os.open(SHM, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        opened.callback(os.close, directory)
        boot = _boot()
        for line in reversed(lines):
            with contextlib.suppress(ValueError, TypeError):
                when, device, inode, name = json.loads(line)
                text = os.fsdecode(bytes.fromhex(name))
                if when == boot and device is None:
                    device, inode = _made_then(text, inode, directory)
                if when == boot:
                    remove(text, (device, inode), directory)


def _made_then(name: str, moment: int, directory: int) -> Inode:
    """What has been made under an announced name, by this user, within some seconds of the moment;
    (0, 0) if nothing was."""
    with contextlib.suppress(OSError):
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        late = found.st_ctime_ns - moment
        if found.st_uid == os.geteuid() and -_TICK <= late <= _SOON:
            return found.st_dev, found.st_ino
    return 0, 0


def remove(name: str, inode: Inode, directory: int) -> None:
    """Unlink a name below a directory if it still means this file; nothing else is touched."""
    if name.startswith("/") or ".." in name.split("/"):
        return
    with contextlib.suppress(OSError):
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if (found.st_dev, found.st_ino) == tuple(inode):
            is_folder = stat.S_ISDIR(found.st_mode)
            (os.rmdir if is_folder else os.unlink)(name, dir_fd=directory)


def _boot() -> str:
    with open("/proc/sys/kernel/random/boot_id") as identity:
        return identity.read().strip()
