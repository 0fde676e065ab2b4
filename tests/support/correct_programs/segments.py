"""A segment that an idiom holds: by plain calls, by `SharedMemory`, or by a mapping alone."""

import mmap
import os
from multiprocessing import shared_memory

HOWS = ("calls", "shared_memory", "mapping")


class Segment:
    """A few bytes under a path."""

    def __init__(self, path: str, how: str, content: bytes | None = None) -> None:
        """Make it with this content, or attach it."""
        self.path = path
        self._fd = -1
        self._memory: shared_memory.SharedMemory | None = None
        self._view: mmap.mmap | None = None
        if how == "shared_memory":
            self._memory = shared_memory.SharedMemory(
                os.path.basename(path), create=content is not None, size=len(content or b"")
            )
            if content is not None:
                assert self._memory.buf is not None
                self._memory.buf[: len(content)] = content
            return
        flags = os.O_RDWR if content is None else os.O_RDWR | os.O_CREAT | os.O_EXCL
        self._fd = os.open(path, flags, 0o600)
        if content is not None:
            os.ftruncate(self._fd, len(content))
            os.pwrite(self._fd, content, 0)
        if how == "mapping":
            self._view = mmap.mmap(self._fd, os.fstat(self._fd).st_size)
            os.close(self._fd)
            self._fd = -1

    def read(self, count: int, place: int = 0) -> bytes:
        if self._memory is not None:
            assert self._memory.buf is not None
            return bytes(self._memory.buf[place : place + count])
        if self._view is not None:
            return self._view[place : place + count]
        return os.pread(self._fd, count, place)

    def write(self, content: bytes, place: int = 0) -> None:
        if self._memory is not None:
            assert self._memory.buf is not None
            self._memory.buf[place : place + len(content)] = content
        elif self._view is not None:
            self._view[place : place + len(content)] = content
        else:
            os.pwrite(self._fd, content, place)

    def close(self) -> None:
        if self._memory is not None:
            self._memory.close()
        elif self._view is not None:
            self._view.close()
        else:
            os.close(self._fd)

    def unlink(self) -> None:
        if self._memory is not None:
            self._memory.unlink()
        else:
            os.unlink(self.path)


def make(path: str, content: bytes = b"") -> None:
    """A file with this content, let go of."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    if content:
        os.write(fd, content)
    os.close(fd)


def content_of(path: str, most: int = 64) -> bytes:
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, most)
    finally:
        os.close(fd)
