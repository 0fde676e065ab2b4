"""The ``/dev/shm`` that executions work on: one of their own, or, where namespaces are refused, the
host's.

In one of their own whatever is left at the end, leaked.  On the host's only names that were seen
being created are ever touched; one execution at a time works there, of all orchestrators on this
machine, so that fixed names do not collide; and what was created is written down, so that it can be
swept after an orchestrator that was killed.  Source: flock(2), tmpfs(5).
"""

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator

from shmrace.engine import aftermath
from shmrace.engine.witness import Event, Usage, Witness
from shmrace.ledger import Ledger
from shmrace.linux.namespaces import SHM
from shmrace.operations import Inode

_CREATED = "created"  # in the scratch directory: a line for each name, with its inode


class PrivateShm:
    """`path` leads to it from here; `close` it."""

    assumes: tuple[str, ...] = ()

    def __init__(self, path: str) -> None:
        self.directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        found = os.fstat(self.directory)
        self.device = found.st_dev
        self.root: Inode = (found.st_dev, found.st_ino)
        self.witness = Witness(self.directory, path)
        self.baseline: Usage = self.witness.usage()

    def close(self) -> None:
        self.witness.close()
        os.close(self.directory)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else works on it within the block."""
        yield

    def unexplained(self, events: Iterable[Event], names: Iterable[str], _: Ledger) -> list[str]:
        """The changes that an operation on these names does not explain, in words."""
        known = {name.rsplit("/", 1)[-1] for name in names}
        return [str(event) for event in events if event.name not in known]

    def created(self, name: str, inode: Inode) -> None:
        """An actor has given a segment this name."""

    def sweep(self, ledger: Ledger) -> list[str]:
        """Unlink what is left; the names of it that the ledger does not know."""
        known = {name.rsplit("/", 1)[-1] for name, _ in ledger.linked()}
        return [name for name in aftermath.sweep(self.directory) if name not in known]

    def holds_more(self) -> bool:
        """Is more of it in use than before the first execution?"""
        return self.witness.usage().inodes != self.baseline.inodes


class HostShm(PrivateShm):
    """The host's own, for an orchestrator with this scratch directory."""

    assumes = ("host-shm",)
    _users = 0
    _lock = -1

    def __init__(self, scratch: str) -> None:
        super().__init__(SHM)
        self._journal = os.open(
            os.path.join(scratch, _CREATED), os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
        )

    def close(self) -> None:
        os.close(self._journal)
        super().close()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        shared = HostShm  # one lock for all sessions of this process, which run one at a time
        if not shared._users:
            shared._lock = os.open(SHM, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(shared._lock, fcntl.LOCK_EX)
            except BaseException:
                os.close(shared._lock)
                raise
        shared._users += 1
        try:
            self.witness.events()  # what others did meanwhile
            yield
        finally:
            shared._users -= 1
            if not shared._users:
                os.close(shared._lock)

    def unexplained(
        self, events: Iterable[Event], names: Iterable[str], ledger: Ledger
    ) -> list[str]:
        known = {name.rsplit("/", 1)[-1] for name in ledger.names}
        ours = [event for event in events if event.name in known]
        return super().unexplained(ours, names, ledger)

    def created(self, name: str, inode: Inode) -> None:
        os.write(self._journal, f"{inode[1]} {name}\n".encode(errors="surrogateescape"))

    def sweep(self, ledger: Ledger) -> list[str]:
        for name, segment in ledger.linked():
            _remove(name, segment.inode[1], self.directory)
        return []

    def holds_more(self) -> bool:
        return False  # others use it too


def sweep_created(scratch: str) -> None:
    """Remove from the host's ``/dev/shm`` what the orchestrator with this scratch directory, which
    is dead, saw being created, if it is still the same file."""
    try:
        with open(os.path.join(scratch, _CREATED), errors="surrogateescape") as journal:
            lines = journal.read().splitlines()
        directory = os.open(SHM, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        for line in reversed(lines):
            inode, _, name = line.partition(" ")
            _remove(name, int(inode), directory)
    finally:
        os.close(directory)


def _remove(name: str, inode: int, directory: int) -> None:
    with contextlib.suppress(OSError):
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if found.st_ino == inode:
            if stat.S_ISDIR(found.st_mode):
                os.rmdir(name, dir_fd=directory)
            else:
                os.unlink(name, dir_fd=directory)
