"""An attach between `shm_open` and `ftruncate` of the creator (dimos #3671).

``SharedMemory(create=True)`` creates the name, then sets the size.  A process that attaches between
the two gets ``ValueError: cannot mmap an empty file``.  Must find: half-born-attach.
With `announced=True` the joiner waits for a message that the segment is there.
Must find: nothing.
"""

from multiprocessing import shared_memory

import shmrace


class AttachBeforeSize(shmrace.Scenario):
    """A joiner attaches a segment that its creator has not sized yet (dimos #3671)."""

    announced = False

    @shmrace.actor()
    def creator(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory("half-born", create=True, size=64)
        if self.announced:
            world.send("joiner", "it is there")
        world.recv("joiner")
        segment.close()
        segment.unlink()

    @shmrace.actor()
    def joiner(self, world: shmrace.World) -> None:
        if self.announced:
            world.recv("creator")
        try:
            shared_memory.SharedMemory("half-born").close()
        except FileNotFoundError:
            pass  # the name is not there yet: the joiner does without it
        world.send("creator", "done")
