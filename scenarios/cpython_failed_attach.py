"""CPython, an attach that fails unlinks another process' segment (gh-153279).

`SharedMemory(name)` opens, then maps.  If the mapping fails, its ``except OSError: self.unlink()``
removes the name for all processes.  Must find, with ``--fault ENOMEM:map@rank*``: missing-segment,
because a peer attaches later, or double-unlink, because the owner unlinks later.
Without a fault: nothing.
"""

import errno
from multiprocessing import shared_memory

import shmrace


class CpythonFailedAttach(shmrace.Scenario):
    """A mapping that fails makes CPython unlink the segment under its peers (gh-153279)."""

    ranks = 2

    def sender(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory(create=True, size=64)
        for rank in range(self.ranks):
            world.send(f"rank{rank}", segment.name)
        for rank in range(self.ranks):
            world.recv(f"rank{rank}")
        segment.close()
        segment.unlink()

    def rank(self, world: shmrace.World) -> None:
        name = world.recv("sender")
        try:
            shared_memory.SharedMemory(name).close()
        except OSError as error:
            if error.errno != errno.ENOMEM:
                raise
        world.send("sender", "done")
