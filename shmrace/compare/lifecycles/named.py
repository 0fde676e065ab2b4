"""A handle that is the name of a segment: created and filled by its owner, attached by readers."""

from collections.abc import Sequence
from multiprocessing import shared_memory
from typing import Any

import torch

from shmrace.compare.lifecycles.handle import Handle, size_of, view_of


class NamedHandle(Handle):
    """A tensor that travels as the name of a segment.

    Unpickled, it holds a view of the segment, without a copy.  If the copy into the segment raises,
    the segment is unlinked.
    """

    def __init__(
        self, tensor: torch.Tensor, readers: Sequence[str] = (), directory: str = ""
    ) -> None:
        self.name = self.created(tensor)
        self.shape = tuple(tensor.shape)
        self.dtype = tensor.dtype
        self.segment: shared_memory.SharedMemory | None = None
        self.tensor: torch.Tensor | None = tensor

    def created(self, tensor: torch.Tensor) -> str:
        """The name of a new segment with the tensor's bytes."""
        segment = shared_memory.SharedMemory(create=True, size=size_of(tensor))
        try:
            fill(segment, tensor)
        except BaseException:
            segment.close()
            segment.unlink()
            raise
        segment.close()
        return segment.name

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name, "shape": self.shape, "dtype": self.dtype}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.segment = shared_memory.SharedMemory(name=self.name)
        self.tensor = view_of(self.segment.buf, self.shape, self.dtype)

    def copy_and_close(self) -> shared_memory.SharedMemory | None:
        """Replace the view by a private copy, and close and return the segment; None if there is
        no open segment: this is the owner's handle, or the copy was already made."""
        if self.segment is None:
            return None
        assert self.tensor is not None
        copy = self.tensor.clone()
        self.tensor = None  # while a view exists, the segment cannot be closed
        segment, self.segment = self.segment, None
        segment.close()
        self.tensor = copy
        return segment

    def unlink(self) -> None:
        """Unlink the segment, in the owner, which closed it after filling it."""
        segment = shared_memory.SharedMemory(name=self.name)
        segment.close()
        segment.unlink()

    def materialize(self) -> torch.Tensor:
        self.copy_and_close()
        assert self.tensor is not None
        return self.tensor


def fill(segment: shared_memory.SharedMemory, tensor: torch.Tensor) -> None:
    """Copy the tensor's bytes into a segment of their size."""
    view_of(segment.buf, [tensor.numel()], tensor.dtype).copy_(tensor.reshape(-1))
