"""Which segments' bytes did a step change?

Bytes are written without a system call, so they are compared: a digest of each segment that the
moving process held, before and after its step; only one actor moves, so it was that one.  The
content is read through a duplicate of a descriptor that some process has, by name, or through the
memory of a process where only a mapping is left.  A segment without a name that no other process
holds is kept open during the step, which may let go of it; and nothing in between, which would keep
it alive.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial

from shmrace.engine.state.holdings import View
from shmrace.engine.state.process import Process
from shmrace.linux import mappings, open_files
from shmrace.linux.process import copy_descriptor
from shmrace.model.operations import Inode

_PIECE = 1 << 20  # bytes
_LARGE, _LARGEST = 16 << 20, 4 << 30
"""Bytes of a file from which on its holes are skipped, and of memory that is read at most."""

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a FIFO waits for no writer
_MAPPED = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


class SegmentContents:
    """The digests of one execution's segments as they were last seen.

    `directory` is an open descriptor of ``/dev/shm``.
    """

    def __init__(self, directory: int) -> None:
        self._directory = directory
        self._digests: dict[Inode, bytes] = {}
        self._sizes: dict[Inode, int] = {}
        self._unknown = 0  # digests that were not taken
        self._held: dict[Inode, int] = {}  # descriptors that are open here during a step
        self._out_of_reach: set[Inode] = set()  # of them nobody can say what a step stored

    def hold(
        self, process: Process, everybody: Iterable[Process], names: Callable[[Inode], list[str]]
    ) -> None:
        """Before a step: keep open what nobody could read any more if the process let go of it."""
        others = [one for one in everybody if one is not process and one.alive]
        for inode, view in process.holdings.views.items():
            if any(inode in one.holdings.views for one in others) or names(inode):
                continue
            copy = self._copy_of(process, inode, view)
            if copy is not None:
                self._held[inode] = copy
            elif view.mapped:
                self._out_of_reach.add(inode)

    def _copy_of(self, process: Process, inode: Inode, view: View) -> int | None:
        for descriptor in sorted(view.descriptors):
            try:
                copy = _readable(copy_descriptor(process.pidfd, descriptor))
            except OSError:
                continue
            if _is(copy, inode):
                return copy
            os.close(copy)
        if not view.mapped:
            return None
        place = view.place or _OpenFiles(process).places.get(inode)
        try:
            return os.open(mappings.path_of(process.pid, *place), _MAPPED) if place else None
        except OSError:
            return None  # an ordinary user may not

    def _through_held(self, inode: Inode) -> bytes | None:
        held = self._held.get(inode)
        return None if held is None else self._digest_file(held, inode)

    def born(self, inode: Inode) -> None:
        """A segment was created: it is empty."""
        self._sizes[inode] = 0
        self._digests[inode] = _of_zeroes(0).digest()

    def size_of(self, inode: Inode) -> int:
        """The size of a segment as it was last seen, in bytes."""
        return self._sizes.get(inode, 0)

    def changed(
        self, process: Process, everybody: Iterable[Process], names: Callable[[Inode], list[str]]
    ) -> tuple[list[Inode], list[Inode]]:
        """The segments that the process held and whose bytes, and those whose size, differ from
        what was last seen.  Zeroes where nothing was before are no change of bytes.

        A segment that it holds no more is dropped from its views.  Reading by one of `names` opens
        the file, which the witness sees: empty it afterwards.
        """
        written, resized = [], []
        holdings = _OpenFiles(process)
        for inode, view in list(process.holdings.views.items()):
            before = self._sizes.get(inode)
            digest = self._through_descriptor(process, inode, view)
            if digest is None:
                view.descriptors.update(holdings.descriptors.get(inode, ()))
                digest = self._through_descriptor(process, inode, view)
            if digest is None:
                digest = self._unmoved(process, inode, view)
            if digest is None:
                digest = self._through_mapping(holdings, inode, view) if view.mapped else None
                if digest is None:
                    del process.holdings.views[inode]
                    digest = self._elsewhere(inode, everybody, names(inode))
                    digest = digest or self._through_held(inode)
            if digest is None:  # no process holds it any more
                written += [inode] if inode in self._out_of_reach else []
                continue
            now = self._sizes.get(inode, 0)
            if before is not None and now != before:
                resized.append(inode)
            if self._digests.get(inode, digest) != digest:
                grown = before == 0 and digest == _of_zeroes(now).digest()
                written += [] if grown else [inode]
            self._digests[inode] = digest
        for held in self._held.values():
            os.close(held)
        self._held.clear()
        self._out_of_reach.clear()
        return written, resized

    def look_again(self, inode: Inode, everybody: Iterable[Process], names: list[str]) -> None:
        """A segment was changed by a process that does not hold it."""
        digest = self._elsewhere(inode, everybody, names)
        if digest is not None:
            self._digests[inode] = digest

    def _elsewhere(
        self, inode: Inode, everybody: Iterable[Process], names: list[str]
    ) -> bytes | None:
        for name in names:
            try:
                own = os.open(name, _READ, dir_fd=self._directory)
            except OSError:
                continue
            try:
                if _is(own, inode):
                    return self._digest_file(own, inode)
            finally:
                os.close(own)
        for other in everybody:
            view = other.holdings.views.get(inode)
            if view is None or not other.alive:
                continue
            digest = self._through_descriptor(other, inode, view)
            if digest is None and view.mapped:
                digest = self._through_mapping(_OpenFiles(other), inode, view)
            if digest is not None:
                return digest
        return None

    def _through_descriptor(self, process: Process, inode: Inode, view: View) -> bytes | None:
        for descriptor in sorted(view.descriptors):
            try:
                copy = copy_descriptor(process.pidfd, descriptor)
            except OSError:
                view.descriptors.discard(descriptor)
                continue
            if not _is(copy, inode):
                view.descriptors.discard(descriptor)
                os.close(copy)
                continue
            try:
                copy = _readable(copy)
            except OSError:
                continue  # its mode forbids it
            try:
                return self._digest_file(copy, inode)
            finally:
                os.close(copy)
        return None

    def _digest_file(self, descriptor: int, inode: Inode) -> bytes:
        size = self._sizes[inode] = os.fstat(descriptor).st_size
        pieces = _pieces_with_data(descriptor, size) if size > _LARGE else None
        return _digest(partial(_read_file, descriptor), 0, size, pieces)

    def _unmoved(self, process: Process, inode: Inode, view: View) -> bytes | None:
        """The digest at the place where the mapping was last seen, if nothing has changed there;
        finding the place anew costs a hundred times as much."""
        if view.place is None:
            return None
        digest = self._digest_memory(process, inode, *view.place)
        return digest if digest == self._digests.get(inode) else None

    def _through_mapping(self, holdings: "_OpenFiles", inode: Inode, view: View) -> bytes | None:
        process = holdings.process
        if view.place is None or not mappings.is_mapped(process.pid, *view.place, inode):
            view.place = holdings.places.get(inode)
        if view.place is None:
            return None
        return self._digest_memory(process, inode, *view.place)

    def _digest_memory(self, process: Process, inode: Inode, start: int, end: int) -> bytes:
        size = min(end - start, self._sizes.get(inode, end - start))
        if size > _LARGEST:  # it would take too long: who holds it counts as having written
            self._unknown += 1
            return b"unknown %d" % self._unknown
        return _digest(process.memory.read, start, size)


class _OpenFiles:
    """What a process that stands still has open and mapped, looked up once at most."""

    def __init__(self, process: Process) -> None:
        self.process = process

    @cached_property
    def descriptors(self) -> dict[Inode, list[int]]:
        return open_files.by_file(self.process.pid)

    @cached_property
    def places(self) -> dict[Inode, tuple[int, int]]:
        """For each file its first shared mapping, as (start, end)."""
        found: dict[Inode, tuple[int, int]] = {}
        for one in mappings.shared(self.process.pid):
            found.setdefault((one.device, one.inode), (one.start, one.end))
        return found


def _readable(copy: int) -> int:
    """This descriptor, or one of the same file that can be read.  Raises `OSError` if there is
    none; the one given is closed then."""
    flags = fcntl.fcntl(copy, fcntl.F_GETFL)
    if flags & os.O_ACCMODE != os.O_WRONLY and not flags & os.O_PATH:
        return copy
    try:
        return os.open(open_files.path("self", copy), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    finally:
        os.close(copy)


def _is(descriptor: int, inode: Inode) -> bool:
    try:
        found = os.fstat(descriptor)
    except OSError:
        return False  # a file of a process that is gone
    return (found.st_dev, found.st_ino) == inode


def _digest(
    read: Callable[[int, int], bytes], start: int, size: int, pieces: Iterable[int] | None = None
) -> bytes:
    """The digest of `size` bytes from `start` on; `read(place, size)`.  Pieces of zeroes count by
    their absence, so that only `pieces` need be read, if it is known that all others are empty."""
    digest = _of_zeroes(size)
    try:
        for place in range(0, size, _PIECE) if pieces is None else pieces:
            piece = read(start + place, min(_PIECE, size - place))
            if piece.count(0) != len(piece):
                digest.update(b"%d:" % place)
                digest.update(piece)
    except OSError:
        return b"unreadable"
    return digest.digest()


def _pieces_with_data(descriptor: int, size: int) -> Iterator[int]:
    """Where the pieces of a file begin that are not holes.  The place at which its process reads on
    stays as it is.  Source: lseek(2), SEEK_DATA."""
    before = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        place = 0
        while place < size:
            place = os.lseek(descriptor, place, os.SEEK_DATA) // _PIECE * _PIECE
            if place < size:
                yield place
            place += _PIECE
    except OSError as error:
        if error.errno != errno.ENXIO:  # there are no more data
            raise
    finally:
        os.lseek(descriptor, before, os.SEEK_SET)


def _of_zeroes(size: int) -> "hashlib._Hash":
    return hashlib.sha1(str(size).encode(), usedforsecurity=False)


def _read_file(descriptor: int, place: int, size: int) -> bytes:
    return os.pread(descriptor, size, place)
