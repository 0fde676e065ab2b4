"""`filelock`: two ranks take one lock, and have the same name while they hold it."""

import os
from multiprocessing import shared_memory

import filelock

import shmrace
from shmrace import World


class Filelock(shmrace.Scenario):
    """By `flock`, or by a file that is there or not."""

    ranks = 2
    soft = False
    limit = -1.0

    def rank(self, world: World) -> None:
        kind = filelock.SoftFileLock if self.soft else filelock.FileLock
        with kind(os.path.join(world.directory, "lock"), timeout=self.limit):
            segment = shared_memory.SharedMemory("inside", create=True, size=8)
            segment.close()
            segment.unlink()
