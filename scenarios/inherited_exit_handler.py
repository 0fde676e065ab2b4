"""`fork` copies the ownership of a segment (LMCache #4917).

The owner registers an exit handler that unlinks its segment, and forks.  The child inherits the
handler, ends normally, and so unlinks the segment while the owner still uses it.  Must find:
missing-segment.  With `owner_only=True` the handler first checks that it runs in the process that
created the segment.  Must find: nothing.
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
            sys.exit(0)  # a worker without work
        world.send("reader", segment.name)
        world.recv("reader")
        os.waitpid(child, 0)

    @shmrace.actor()
    def reader(self, world: shmrace.World) -> None:
        shared_memory.SharedMemory(world.recv("owner")).close()
        world.send("owner", "done")
