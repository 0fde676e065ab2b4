"""What the programs share: a parent with a segment, and a child or thread that writes into it."""

import sys
from multiprocessing import shared_memory

import shmrace
from shmrace import World

WRITES = """
import os, sys
descriptor = os.open("/dev/shm/" + sys.argv[1], os.O_RDWR)
os.pwrite(descriptor, b"1", 0)
os.close(descriptor)
print("done")
"""
SLEEPS = "import time; print('here', flush=True); time.sleep(3600)"


def write(name: str, place: int = 0) -> int:
    """Write into a segment, as the task of a pool does."""
    segment = shared_memory.SharedMemory(name)
    assert segment.buf is not None
    segment.buf[place] = 1
    segment.close()
    return place


def python(code: str, *words: str) -> list[str]:
    """The command that runs this code, without what a site brings along."""
    return [sys.executable, "-S", "-E", "-c", code, *words]


class Program(shmrace.Scenario):
    """A parent has a segment while the library does its work."""

    @shmrace.actor()
    def parent(self, world: World) -> None:
        segment = shared_memory.SharedMemory(create=True, size=16)
        try:
            self.work(segment.name)
        finally:
            segment.close()
            segment.unlink()

    def work(self, name: str) -> None:
        """Use the library on the segment with this name."""
        raise NotImplementedError
