"""Ownership that is copied by `fork` (LMCache #4917).

The owner registers an exit handler that unlinks its segment; a child that it forks inherits the
handler, ends normally, runs it, and takes the segment away while the owner still lives.  Must find:
missing-segment.  With `owner_only=True` the handler asks first whether it runs in the process that
made the segment.  Must find: nothing.
"""

import atexit
import os
import sys
from multiprocessing import shared_memory

import shmrace


class InheritedExitHandler(shmrace.Scenario):
    """A forked child runs the inherited exit handler and unlinks a live segment (LMCache #4917)."""

    owner_only = False

    @shmrace.actor()
    def owner(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory(create=True, size=64)
        made_by = os.getpid()

        def clean_up() -> None:
            if not self.owner_only or os.getpid() == made_by:
                segment.close()
                segment.unlink()

        atexit.register(clean_up)
        child = os.fork()
        if child == 0:
            sys.exit(0)  # a worker that has nothing to do
        world.send("reader", segment.name)
        world.recv("reader")
        os.waitpid(child, 0)

    @shmrace.actor()
    def reader(self, world: shmrace.World) -> None:
        shared_memory.SharedMemory(world.recv("owner")).close()
        world.send("owner", "done")
