"""The witness: what happened in the private ``/dev/shm``, told by the kernel itself.

``inotify`` reports each change of a name and each open, ``fstatvfs`` how many inodes and blocks are
in use.  Both are independent of the gate: a change that the operation at the gate does not explain
means that something got past it.  Source: inotify(7), statvfs(3).
"""

import contextlib
import os
import struct
from typing import NamedTuple

from shmrace.linux import libc

_OPEN, _MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x20, 0x40, 0x80, 0x100, 0x200
_OVERFLOW, _DIRECTORY = 0x4000, 0x40000000
_MASK = _OPEN | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE
_WORDS = {
    _OPEN: "opened", _MOVED_FROM: "renamed away", _MOVED_TO: "renamed to", _CREATE: "created",
    _DELETE: "unlinked",
}  # fmt: skip
_HEADER = struct.Struct("iIII")


class Event(NamedTuple):
    """One change: what the kernel calls it, and the name it happened to."""

    mask: int
    name: str

    @property
    def overflow(self) -> bool:
        """More happened than the kernel kept for us."""
        return bool(self.mask & _OVERFLOW)

    @property
    def opened(self) -> bool:
        return bool(self.mask & _OPEN)

    def __str__(self) -> str:
        if self.overflow:
            return "more happened at once than inotify can tell"
        words = [word for bit, word in _WORDS.items() if self.mask & bit]
        return f"{self.name} was {' and '.join(words) or 'changed'}"


class Usage(NamedTuple):
    """What a file system has in use: inodes, and blocks of its block size."""

    inodes: int
    blocks: int


class Witness:
    """Watches one ``/dev/shm``; `directory` is an open descriptor of it, `path` leads to it."""

    def __init__(self, directory: int, path: str) -> None:
        self._directory = directory
        self._path = path
        self._inotify = libc.inotify(path, _MASK)
        self._folders: dict[int, str] = {}  # watch -> path of a folder below

    def events(self) -> list[Event]:
        """What happened since the last call."""
        found: list[Event] = []
        with contextlib.suppress(BlockingIOError):
            while True:
                self._parse(os.read(self._inotify, 65536), found)
        return found

    def _parse(self, content: bytes, found: list[Event]) -> None:
        place = 0
        while place < len(content):
            watch, mask, _, length = _HEADER.unpack_from(content, place)
            place += _HEADER.size
            name = content[place : place + length].split(b"\0", 1)[0]
            place += length
            if mask & _DIRECTORY and mask & _CREATE:
                folder = f"{self._folders.get(watch, self._path)}/{os.fsdecode(name)}"
                with contextlib.suppress(OSError):  # it is gone already
                    self._folders[libc.inotify_add(self._inotify, folder, _MASK)] = folder
            if name or mask & _OVERFLOW:
                found.append(Event(mask & ~_DIRECTORY, os.fsdecode(name)))

    def usage(self) -> Usage:
        """What is in use now, held by a name, a descriptor or a mapping."""
        now = os.fstatvfs(self._directory)
        return Usage(now.f_files - now.f_ffree, now.f_blocks - now.f_bfree)

    def close(self) -> None:
        os.close(self._inotify)
