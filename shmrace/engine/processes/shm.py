"""The ``/dev/shm`` that executions work on: one of their own, or, where namespaces are refused, the
host's.

In one of their own whatever is left at the end, leaked.  On the host's only names that were seen
being created are ever touched, and one execution of a user's works there at a time, so that fixed
names do not collide between workers.  Source: tmpfs(5), inotify(7).
"""

import contextlib
import os
from collections.abc import Iterable, Iterator

from shmrace.engine.processes.journal import Journal, remove
from shmrace.engine.processes.machine_lock import MACHINE_LOCK
from shmrace.engine.processes.witness import Event, Usage, Witness
from shmrace.linux import libc, open_files
from shmrace.linux.namespaces import SHM
from shmrace.model.assumptions import Assumption
from shmrace.model.ledger import Ledger
from shmrace.model.operations import Inode


class PrivateShm:
    """`path` leads to it from here; `close` it."""

    assumes: tuple[Assumption, ...] = ()

    def __init__(self, path: str) -> None:
        with contextlib.ExitStack() as opened:
            self.directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            opened.callback(os.close, self.directory)
            self.witness = Witness(self.directory, path)
            opened.callback(self.witness.close)
            self.baseline: Usage = self.witness.usage()
            self.statistics = libc.file_system_statistics(self.directory)
            self._opened = opened.pop_all()
        found = os.fstat(self.directory)
        self.device = found.st_dev
        self.root: Inode = (found.st_dev, found.st_ino)

    def close(self) -> None:
        self._opened.close()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else works on it within the block."""
        yield

    def unexplained(
        self, events: Iterable[Event], names: Iterable[str], ledger: Ledger
    ) -> list[str]:
        """The changes that an operation on these names does not explain, in words."""
        expected = _in_directory(names)
        return [
            str(event)
            for event in events
            if event.name not in expected and self._concerns_us(event, ledger)
        ]

    def announced(self, names: Iterable[str]) -> None:
        """An actor is about to do something by which these names may come to be."""

    def created(self, name: str, inode: Inode) -> None:
        """An actor has given a segment this name."""

    def sweep(self, ledger: Ledger) -> list[str]:
        """Unlink what is left; the names of it that the ledger does not know."""
        known = _in_directory(name for name, _ in ledger.linked())
        return [name for name in sweep(self.directory) if name not in known]

    def holds_more(self) -> bool:
        """Is more of it in use than before the first execution?"""
        return self.witness.usage().inodes != self.baseline.inodes

    def _concerns_us(self, event: Event, ledger: Ledger) -> bool:
        return True


class HostShm(PrivateShm):
    """The host's own, for an orchestrator with this scratch directory."""

    assumes = (Assumption.HOST_SHM,)

    def __init__(self, scratch: str) -> None:
        super().__init__(SHM)
        self._journal = Journal(scratch)
        self._opened.callback(self._journal.close)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        with MACHINE_LOCK:
            self.witness.events()  # what others did meanwhile
            yield

    def announced(self, names: Iterable[str]) -> None:
        for name in names:
            self._journal.announced(name)

    def created(self, name: str, inode: Inode) -> None:
        self._journal.created(name, inode)

    def sweep(self, ledger: Ledger) -> list[str]:
        for name, segment in reversed(ledger.linked()):
            remove(name, segment.inode, self.directory)
        return []

    def holds_more(self) -> bool:
        return False  # others use it too

    def _concerns_us(self, event: Event, ledger: Ledger) -> bool:
        """Others make names of their own, and look at ours."""
        return event.overflow or (event.name in _in_directory(ledger.names) and not event.opened)


def _in_directory(names: Iterable[str]) -> set[str]:
    """How inotify calls them: without the folders on the way."""
    return {name.rsplit("/", 1)[-1] for name in names}


def sweep(directory: int) -> list[str]:
    """Empty a private ``/dev/shm``, given as an open descriptor; the names that were left."""
    top = open_files.path("self", directory)
    names = []
    for folder, folders, files in os.walk(top, topdown=False):
        below = os.path.relpath(folder, top)
        for name in sorted(files):
            os.unlink(os.path.normpath(f"{below}/{name}"), dir_fd=directory)
            names.append(name)
        for name in sorted(folders):
            path = os.path.normpath(f"{below}/{name}")
            (os.unlink if os.path.islink(f"{top}/{path}") else os.rmdir)(path, dir_fd=directory)
            names.append(name)
    return names
