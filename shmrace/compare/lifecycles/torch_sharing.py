"""PyTorch's own sharing, unmodified: what `torch.multiprocessing` pickles of a tensor on the CPU.

PyTorch's documentation requires that the owner keeps its tensor until every reader has copied it.
Therefore readers answer.  Source: torch/multiprocessing/reductions.py.
"""

import pickle
from collections.abc import Sequence
from multiprocessing.reduction import ForkingPickler
from typing import Any, ClassVar

import torch

from shmrace.compare.lifecycles.handle import Handle


class TorchHandle(Handle):
    """A tensor that PyTorch shares with the strategy of this name."""

    strategy: ClassVar[str]
    answers = "copied"

    def __init__(
        self, tensor: torch.Tensor, readers: Sequence[str] = (), directory: str = ""
    ) -> None:
        self.tensor: torch.Tensor | None = tensor.clone()

    def __getstate__(self) -> dict[str, Any]:
        torch.multiprocessing.set_sharing_strategy(self.strategy)
        return {"content": bytes(ForkingPickler.dumps(self.tensor))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.tensor = pickle.loads(state["content"])

    def materialize(self) -> torch.Tensor:
        assert self.tensor is not None
        self.tensor = self.tensor.clone()
        return self.tensor

    def retire(self) -> None:
        """Drop the owner's tensor."""
        self.tensor = None
