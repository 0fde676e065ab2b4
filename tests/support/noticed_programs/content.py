"""The bytes and the holes of a file."""

import os
from typing import Any

from tests.support.noticed_programs.base import FOLDER, A, B, Two, made, tried


class Truncated(Two):
    """An open that truncates, seen through a descriptor that was open before."""

    holds = True

    def make(self) -> None:
        made(A, b"content")

    def change(self) -> None:
        os.close(os.open(A, os.O_RDWR | os.O_TRUNC))

    def look(self, held: int) -> int:
        return os.fstat(held).st_size


class Copied(Two):
    """One reads by copying to another segment, while the other writes."""

    holds = True

    def make(self) -> None:
        made(A, b"old")
        made(B)

    def change(self) -> None:
        descriptor = os.open(A, os.O_RDWR)
        os.pwrite(descriptor, b"new", 0)
        os.close(descriptor)

    def look(self, held: int) -> bytes:
        target = os.open(B, os.O_RDWR)
        os.copy_file_range(held, target, 3)
        copied = os.pread(target, 3, 0)
        os.close(target)
        return copied


class WrittenLast(Two):
    """A write into a segment that nobody holds or names behind it."""

    holds = True

    def make(self) -> None:
        made(A, b"old")

    def change(self) -> None:
        descriptor = os.open(A, os.O_RDWR)
        os.unlink(A)
        os.pwrite(descriptor, b"new", 0)
        os.close(descriptor)

    def look(self, held: int) -> bytes:
        return os.pread(held, 3, 0)


class Hole(Two):
    """A search for data in a file that is filled meanwhile."""

    holds = True

    def make(self) -> None:
        made(A)
        os.truncate(A, 8192)

    def change(self) -> None:
        descriptor = os.open(A, os.O_RDWR)
        os.pwrite(descriptor, b"data", 0)
        os.close(descriptor)

    def look(self, held: int) -> Any:
        return tried(os.lseek, held, 0, os.SEEK_DATA)


class LeftOut(Two):
    """A directory that a path goes into and out of again."""

    def make(self) -> None:
        made(A)
        os.mkdir(FOLDER)

    def change(self) -> None:
        os.rmdir(FOLDER)

    def look(self, held: int) -> bool:
        return os.path.exists(f"{FOLDER}/../a")
