"""NumPy, an array whose segment is closed while it is used (gh-102349, numpy #23305).

``np.ndarray(buffer=shm.buf)`` holds no export of the buffer, so `close` unmaps the segment, and the
next access is SIGSEGV.  Must find: rank-crash.  With `copy=True` the array is copied before the
segment is closed.  Must find: nothing.
"""

from multiprocessing import shared_memory

import numpy as np

import shmrace


class ViewWithoutExport(shmrace.Scenario):
    """np.ndarray(buffer=shm.buf) outlives the mapping and reads where nothing is (gh-102349)."""

    copy = False

    @shmrace.actor()
    def reader(self, world: shmrace.World) -> int:
        segment = shared_memory.SharedMemory(create=True, size=4096)
        array = np.ndarray((4096,), dtype=np.uint8, buffer=segment.buf)
        if self.copy:
            array = array.copy()
        segment.unlink()
        segment.close()
        return int(array.sum())
