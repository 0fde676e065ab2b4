"""SGLang, eager unlink, one payload unpickled by every rank (before pull request #21465).

Unpickling attaches, copies, closes and unlinks.  The second rank finds no segment, or it attaches
but fails in its own unlink.  Must find: missing-segment or double-unlink.
"""

import pickle

import torch

import shmrace
from shmrace.compare.lifecycles.eager import EagerHandle


class SglangEager(shmrace.Scenario):
    """Eager unlink while unpickling, the same bytes to every rank (SGLang before #21465)."""

    ranks = 3
    interchangeable = True
    shape = (16,)  # of a float32 tensor: 64 bytes; (3, 1080, 1920) is an image

    def sender(self, world: shmrace.World) -> None:
        everybody = world.group(["sender", *(f"rank{rank}" for rank in range(self.ranks))])
        everybody.broadcast(pickle.dumps(EagerHandle(torch.ones(self.shape))), src="sender")

    def rank(self, world: shmrace.World) -> float:
        handle = pickle.loads(world.recv("sender"))
        return float(handle.materialize().sum())
