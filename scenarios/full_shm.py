"""A full ``/dev/shm``: `ftruncate` reserves nothing (gh-114390, numpy, PyTorch; SGLang #30602).

The segment is created and mapped without space, and the first store to a page without space raises
SIGBUS.  Must find: rank-crash.  With `reserve=True` the writer reserves the space before the copy,
as SGLang does since pull request #30602.  The reservation raises `OSError`, and the writer sends
the tensor inline.  Must find: nothing.
"""

import contextlib
import os
from multiprocessing import shared_memory

import shmrace


class FullShm(shmrace.Scenario):
    """The first store into a segment that /dev/shm has no room for is SIGBUS (SGLang #30602)."""

    shm_size = "64k"
    bytes = 1 << 20
    reserve = False

    @shmrace.actor()
    def writer(self, world: shmrace.World) -> str:
        segment = shared_memory.SharedMemory(create=True, size=self.bytes)
        with contextlib.ExitStack() as last:
            last.callback(segment.unlink)
            last.callback(segment.close)
            if self.reserve:
                try:
                    os.posix_fallocate(segment._fd, 0, self.bytes)  # type: ignore[attr-defined]
                except OSError:
                    return "sent inline"
            assert segment.buf is not None
            segment.buf[:] = bytes(self.bytes)
        return "sent by name"
