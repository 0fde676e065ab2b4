"""CPython, a creator that dies between `shm_open` and `ftruncate` (gh-92408).

The creator leaves an empty name.  No process unlinks it, not even a resource tracker, because the
creator registers a segment only once it is mapped.  Must find, with ``--fault kill:size@creator``:
leak.  Without a fault: nothing.
"""

from multiprocessing import shared_memory

import shmrace


class CpythonCreatorDies(shmrace.Scenario):
    """A creator that is killed before it has sized its segment leaves the name (gh-92408)."""

    @shmrace.actor()
    def creator(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory("creator-dies", create=True, size=64)
        segment.close()
        segment.unlink()
