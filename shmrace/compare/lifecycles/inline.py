"""No shared memory: the message holds the tensor's bytes.  The control of a comparison."""

from collections.abc import Sequence
from typing import Any

import torch

from shmrace.compare.lifecycles.handle import Handle


class InlineHandle(Handle):
    """A tensor that is pickled whole."""

    uses_segments = False

    def __init__(
        self, tensor: torch.Tensor, readers: Sequence[str] = (), directory: str = ""
    ) -> None:
        self.tensor = tensor

    def __getstate__(self) -> dict[str, Any]:
        return {"tensor": self.tensor}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def materialize(self) -> torch.Tensor:
        return self.tensor
