"""Small engines that lose their segments, for the tests of what is reported about it.

`Serve` hands a tensor on as SGLang does: a handle is relayed by rank 0, whose broadcast returns
before its peers have unpickled, and the unlink is deferred (pull request #21465).
"""

import contextlib
import pickle
from multiprocessing import shared_memory
from typing import Any

import shmrace


class ShmPointer:
    """Bytes that travel as the name of a segment."""

    def __init__(self, content: bytes) -> None:
        segment = shared_memory.SharedMemory(create=True, size=len(content))
        view = segment.buf
        assert view is not None
        view[: len(content)] = content
        del view
        segment.close()
        self.name = segment.name

    def __getstate__(self) -> str:
        return self.name

    def __setstate__(self, name: str) -> None:
        self.name = name
        self._shm_handle = shared_memory.SharedMemory(name=name)

    def materialize(self) -> bytes:
        content = bytes(self._shm_handle.buf or b"")
        self._shm_handle.close()
        with contextlib.suppress(FileNotFoundError):
            self._shm_handle.unlink()
        return content


def broadcast_pyobj(world: shmrace.World) -> Any:
    """Rank 0 goes on with its own object; the others unpickle what it has sent."""
    if world.rank != 0:
        return pickle.loads(world.broadcast(None, src=0))
    received = pickle.loads(world.recv("sender"))
    world.broadcast(pickle.dumps(received), src=0)
    return received


def unwrap_shm_features(pointer: ShmPointer) -> bytes:
    return pointer.materialize()


class Serve(shmrace.Scenario):
    """Deferred unlink over a relay."""

    ranks = 3
    barrier = False

    def sender(self, world: shmrace.World) -> None:
        world.send("rank0", pickle.dumps(ShmPointer(b"x" * 24)))
        print("sent to rank 0")

    def rank(self, world: shmrace.World) -> int:
        return len(self.recv_requests(world))

    def recv_requests(self, world: shmrace.World) -> bytes:
        pointer = broadcast_pyobj(world)
        print(f"rank {world.rank} unwraps")
        if self.barrier:
            world.barrier()
        return unwrap_shm_features(pointer)


class Twice(shmrace.Scenario):
    """One handle, and two who use it one after the other: no order of theirs helps."""

    ranks = 2

    def sender(self, world: shmrace.World) -> None:
        world.send("rank0", pickle.dumps(ShmPointer(b"x" * 24)))

    def rank(self, world: shmrace.World) -> None:
        if world.rank == 0:
            sent = world.recv("sender")
            pickle.loads(sent).materialize()
            world.send("rank1", sent)
        else:
            pickle.loads(world.recv("rank0")).materialize()


class Waits(shmrace.Scenario):
    """Ranks that wait for a word of each other, and say a lot before."""

    ranks = 2

    def rank(self, world: shmrace.World) -> None:
        segment = shared_memory.SharedMemory(create=True, size=8)
        for number in range(25 if world.rank == 0 else 1):
            print(f"rank {world.rank} says\t{number}: \N{SNOWMAN}")
        world.recv(f"rank{1 - world.rank}")
        segment.close()
        segment.unlink()
