"""An outsider unlinks everything of a user: systemd's RemoveIPC at logout (mlcommons/storage #528).

No process of the program unlinks too early.  Must find, with ``--fault wipe``: missing-segment, if
a rank attaches later.  Without a fault: nothing.
"""

from multiprocessing import shared_memory

import shmrace


class SweptFromOutside(shmrace.Scenario):
    """An outsider unlinks what ranks are still to attach (mlcommons/storage #528)."""

    ranks = 2

    def sender(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory(create=True, size=64)
        for rank in range(self.ranks):
            world.send(f"rank{rank}", segment.name)
        for rank in range(self.ranks):
            world.recv(f"rank{rank}")
        segment.close()
        try:
            segment.unlink()
        except FileNotFoundError:
            pass  # swept

    def rank(self, world: shmrace.World) -> None:
        shared_memory.SharedMemory(world.recv("sender")).close()
        world.send("sender", "done")
