"""Deferred unlink: unpickling only attaches; `materialize` copies, closes and unlinks.

SGLang's `ShmPointerMMData` after pull request #21465.  Several consumers are possible if all have
attached before the first one materializes, which the handle itself does not see to.
"""

from multiprocessing import shared_memory
from typing import Any

import torch


class DeferredHandle:
    """A tensor that travels as the name of a segment.

    Unpickled, it holds a view of the segment, without a copy, until `materialize`.
    """

    def __init__(self, tensor: torch.Tensor) -> None:
        size = tensor.numel() * tensor.element_size()
        segment = shared_memory.SharedMemory(create=True, size=size)
        try:
            view = torch.frombuffer(segment.buf, dtype=tensor.dtype, count=tensor.numel())
            view.copy_(tensor.reshape(-1))
            del view
        except BaseException:
            segment.close()
            segment.unlink()
            raise
        segment.close()
        self.name = segment.name
        self.shape = tuple(tensor.shape)
        self.dtype = tensor.dtype
        self._segment: shared_memory.SharedMemory | None = None
        self.tensor: torch.Tensor | None = tensor

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name, "shape": self.shape, "dtype": self.dtype}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._segment = shared_memory.SharedMemory(name=self.name)
        view = torch.frombuffer(self._segment.buf, dtype=self.dtype)
        count = int(torch.Size(self.shape).numel())
        self.tensor = view[:count].reshape(self.shape)

    def materialize(self) -> torch.Tensor:
        """A copy of the tensor; the segment is closed and unlinked, by somebody else perhaps."""
        assert self.tensor is not None
        if self._segment is None:
            return self.tensor
        copy = self.tensor.clone()
        self.tensor = None
        segment, self._segment = self._segment, None
        segment.close()
        try:
            segment.unlink()
        except FileNotFoundError:
            pass  # another consumer was first, which is as good
        self.tensor = copy
        return copy
