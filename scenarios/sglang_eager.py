"""SGLang, eager unlink, one payload unpickled by every rank (before pull request #21465).

Unpickling attaches, copies, closes and unlinks.  Whoever comes second finds no segment, or finds it
and fails in its own unlink.  Must find: missing-segment or double-unlink.
"""

import torch

import shmrace
from shmrace.lifecycles.eager import EagerHandle
from shmrace.transports import fanout


class SglangEager(shmrace.Scenario):
    """Eager unlink while unpickling, the same bytes to every rank (SGLang before #21465)."""

    ranks = 3
    interchangeable = True
    shape = (16,)  # of a float32 tensor: 64 bytes; (3, 1080, 1920) is an image

    def sender(self, world: shmrace.World) -> None:
        fanout.send(world, EagerHandle(torch.ones(self.shape)), self.ranks)

    def rank(self, world: shmrace.World) -> float:
        return float(fanout.receive(world).materialize().sum())
