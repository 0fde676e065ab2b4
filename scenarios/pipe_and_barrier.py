"""Processes that communicate by an `os.pipe` and a `multiprocessing.Barrier`, unknown to shmrace.

The parent makes both and forks the children, which inherit them.  Each child attaches the segment
and waits at the barrier.  Child 0 then unlinks the segment and acknowledges over the pipe to the
parent.  Must find: nothing.  With `acknowledge=False` child 0 sends nothing, and the parent waits
forever.  Must find: deadlock, although the code uses no primitive of shmrace.
"""

import multiprocessing
import os
from multiprocessing import shared_memory
from typing import Any

import shmrace

_CONTEXT = multiprocessing.get_context("fork")


class PipeAndBarrier(shmrace.Scenario):
    """Ranks that talk over a pipe and a multiprocessing.Barrier that shmrace does not know."""

    children = 2
    acknowledge = True

    @shmrace.actor()
    def parent(self, world: shmrace.World) -> str:
        segment = shared_memory.SharedMemory(create=True, size=64)
        reader, writer = os.pipe()
        barrier = _CONTEXT.Barrier(self.children)
        spawned = [
            world.spawn(self.child, number, segment.name, writer, barrier, name=f"child{number}")
            for number in range(self.children)
        ]
        word = os.read(reader, 4)
        segment.close()
        for one in spawned:
            one.join()
        return word.decode()

    def child(
        self, world: shmrace.World, number: int, name: str, writer: int, barrier: Any
    ) -> None:
        segment = shared_memory.SharedMemory(name=name)
        barrier.wait()
        segment.close()
        if number == 0:
            segment.unlink()
            if self.acknowledge:
                os.write(writer, b"done")

    def check(self, execution: shmrace.Execution) -> None:
        assert execution.results["parent"] == "done"
