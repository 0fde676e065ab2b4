"""SGLang, deferred unlink over a relay, no barrier (pull request #21465).

The unlink moved from unpickling to `materialize()`, after the broadcast.  But rank 0 returns from
the broadcast before its peers unpickle, so it may unlink the segment before they attach.
Must find: missing-segment.  The fix is `sglang_deferred_barrier` (#21655).
"""

import pickle
from typing import Any

import torch

import shmrace
from shmrace.compare.lifecycles.deferred import DeferredHandle


class SglangDeferred(shmrace.Scenario):
    """Deferred unlink over a relay by rank 0, without a barrier (SGLang #21465)."""

    ranks = 3
    shape = (16,)  # of a float32 tensor: 64 bytes; (3, 1080, 1920) is an image
    barrier = False

    def sender(self, world: shmrace.World) -> None:
        world.send("rank0", pickle.dumps(DeferredHandle(torch.ones(self.shape))))

    def rank(self, world: shmrace.World) -> float:
        handle = self.received(world)
        if self.barrier:
            world.barrier()
        return float(handle.materialize().sum())

    def received(self, world: shmrace.World) -> Any:
        """The handle.  Rank 0 broadcasts it and keeps its own object, as `broadcast_pyobj` does."""
        if world.rank != 0:
            return pickle.loads(world.broadcast(None, src=0))
        handle = pickle.loads(world.recv("sender"))
        world.broadcast(pickle.dumps(handle), src=0)
        return handle

    def check(self, execution: shmrace.Execution) -> None:
        expected = float(torch.Size(self.shape).numel())
        sums = {name: one for name, one in execution.results.items() if name != "sender"}
        assert all(one == expected for one in sums.values()), f"the ranks got {sums}"
