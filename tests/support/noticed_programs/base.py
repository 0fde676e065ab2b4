"""One rank changes something that another one looks at."""

import contextlib
import ctypes
import os
from collections.abc import Iterator
from typing import Any

import shmrace
from shmrace import World

A, B, FOLDER, INSIDE = "/dev/shm/a", "/dev/shm/b", "/dev/shm/folder", "/dev/shm/folder/a"
LIBC = ctypes.CDLL(None, use_errno=True)


def made(path: str, content: bytes = b"") -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    os.write(descriptor, content)
    os.close(descriptor)


@contextlib.contextmanager
def opened(path: str) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def tried(call: Any, *arguments: Any, **options: Any) -> Any:
    """What a call returned, or the name of its errno."""
    try:
        return call(*arguments, **options)
    except OSError as error:
        return type(error).__name__


class Two(shmrace.Scenario):
    """`change` of rank 0 beside `look` of rank 1, on what `make` has made; `holds`: rank 1 has it
    open."""

    holds = False

    def sender(self, world: World) -> None:
        self.make()
        world.send("rank1", None)
        world.recv("rank0")
        world.recv("rank1")
        for path in (INSIDE, f"{FOLDER}/link", A, B):
            tried(os.unlink, path)
        tried(os.rmdir, FOLDER)

    def rank(self, world: World) -> Any:
        if world.rank == 0:
            world.recv("rank1")
            seen = self.change()
        else:
            world.recv("sender")
            held = os.open(A, os.O_RDONLY) if self.holds else -1
            world.send("rank0", None)
            seen = self.look(held)
            if self.holds:
                os.close(held)
        world.send("sender", None)
        return seen

    def make(self) -> None:
        made(A)

    def change(self) -> Any: ...
    def look(self, held: int) -> Any: ...
