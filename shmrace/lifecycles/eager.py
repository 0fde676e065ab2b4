"""Eager unlink: whoever unpickles the handle attaches, copies and unlinks at once.

Right for one consumer, wrong for several: SGLang's `ShmPointerMMData` before pull request #21465.
"""

from multiprocessing import shared_memory
from typing import Any

import torch


class EagerHandle:
    """A tensor that travels as the name of a segment; unpickled, it is a tensor again.

    `tensor` has any shape and dtype; its bytes are copied into a new segment when the handle is
    made, and out of it when the handle is unpickled.
    """

    def __init__(self, tensor: torch.Tensor) -> None:
        size = tensor.numel() * tensor.element_size()
        segment = shared_memory.SharedMemory(create=True, size=size)
        try:
            view = torch.frombuffer(segment.buf, dtype=tensor.dtype, count=tensor.numel())
            view.copy_(tensor.reshape(-1))
            del view
        finally:
            segment.close()
        self.name = segment.name
        self.shape = tuple(tensor.shape)
        self.dtype = tensor.dtype
        self.tensor: torch.Tensor | None = tensor

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name, "shape": self.shape, "dtype": self.dtype}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        segment = shared_memory.SharedMemory(name=self.name)
        view = torch.frombuffer(segment.buf, dtype=self.dtype)
        count = int(torch.Size(self.shape).numel())
        self.tensor = view[:count].reshape(self.shape).clone()
        del view
        segment.close()
        segment.unlink()

    def materialize(self) -> torch.Tensor:
        """The tensor itself; it was copied when the handle was unpickled."""
        assert self.tensor is not None
        return self.tensor
