"""SGLang, deferred unlink over a relay, no barrier (pull request #21465).

The unlink moved from unpickling to `materialize()`, after the broadcast.  But rank 0 returns from
the broadcast before its peers have unpickled, so it may unlink the segment before they attach.
Must find: missing-segment.  The fix is `sglang_deferred_barrier` (#21655).
"""

import torch

import shmrace
from shmrace.lifecycles.deferred import DeferredHandle
from shmrace.transports import relay


class SglangDeferred(shmrace.Scenario):
    """Deferred unlink over a relay by rank 0, without a barrier (SGLang #21465)."""

    ranks = 3
    shape = (16,)  # of a float32 tensor: 64 bytes; (3, 1080, 1920) is an image
    barrier = False

    def sender(self, world: shmrace.World) -> None:
        relay.send(world, DeferredHandle(torch.ones(self.shape)))

    def rank(self, world: shmrace.World) -> float:
        handle = relay.receive(world)
        if self.barrier:
            world.barrier()
        return float(handle.materialize().sum())

    def check(self, execution: shmrace.Execution) -> None:
        expected = float(torch.Size(self.shape).numel())
        sums = {name: one for name, one in execution.results.items() if name != "sender"}
        assert all(one == expected for one in sums.values()), f"the ranks got {sums}"
