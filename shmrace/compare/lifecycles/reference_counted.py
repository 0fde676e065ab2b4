"""A count in the segment's header says how many readers still need it: the last reader unlinks.

A process that reads the tensor or changes the count holds the segment's file lock.  It reads and
writes the count through the descriptor.  A count that is changed in mapped memory without a lock
may lose an update, and then the segment leaks.
"""

import fcntl
import mmap
import os
import secrets
import struct
from collections.abc import Sequence
from typing import Any

import torch

from shmrace.compare.lifecycles.handle import Handle, size_of, view_of

_COUNT = struct.Struct("=Q")
_HEADER = 64  # bytes; the tensor follows


class ReferenceCountedHandle(Handle):
    """A tensor that travels as the name of a segment with a count of its readers."""

    def __init__(self, tensor: torch.Tensor, readers: Sequence[str], directory: str = "") -> None:
        self.name = f"counted_{secrets.token_hex(4)}"
        self.shape = tuple(tensor.shape)
        self.dtype = tensor.dtype
        self.tensor: torch.Tensor | None = tensor
        self._descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            content = torch.empty(size_of(tensor), dtype=torch.uint8)
            content.view(tensor.dtype).copy_(tensor.reshape(-1))
            os.ftruncate(self._descriptor, _HEADER + size_of(tensor))
            os.pwrite(self._descriptor, _COUNT.pack(len(readers)), 0)
            os.pwrite(self._descriptor, content.numpy(), _HEADER)
        except BaseException:
            os.unlink(self._path)
            raise
        finally:
            os.close(self._descriptor)

    @property
    def _path(self) -> str:
        return f"/dev/shm/{self.name}"

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name, "shape": self.shape, "dtype": self.dtype}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._descriptor = os.open(self._path, os.O_RDWR)
        self.tensor = None

    def materialize(self) -> torch.Tensor:
        """A copy of the tensor; the last reader unlinks the segment."""
        if self.tensor is None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            size = os.fstat(self._descriptor).st_size
            with mmap.mmap(self._descriptor, size) as memory:
                self.tensor = view_of(memory, self.shape, self.dtype, _HEADER).clone()
            (count,) = _COUNT.unpack(os.pread(self._descriptor, _COUNT.size, 0))
            os.pwrite(self._descriptor, _COUNT.pack(count - 1), 0)
            if count == 1:
                os.unlink(self._path)
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
        return self.tensor
