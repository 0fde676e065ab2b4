"""Eager unlink: a process that unpickles the handle attaches, copies and unlinks at once.

SGLang's `ShmPointerMMData` before pull request #21465: correct for one reader, wrong for several.
If a reader pickles the handle again, it makes a new segment.  If the copy into the segment raises,
the segment is closed but not unlinked, as in the original.
"""

from multiprocessing import shared_memory
from typing import Any

import torch

from shmrace.compare.lifecycles.handle import size_of
from shmrace.compare.lifecycles.named import NamedHandle, fill


class EagerHandle(NamedHandle):
    """A tensor that travels as the name of a segment; unpickled, it is a tensor again."""

    def created(self, tensor: torch.Tensor) -> str:
        segment = shared_memory.SharedMemory(create=True, size=size_of(tensor))
        try:
            fill(segment, tensor)
        finally:
            segment.close()
        return segment.name

    def __getstate__(self) -> dict[str, Any]:
        if not self.name:
            assert self.tensor is not None
            self.name = self.created(self.tensor)
        return super().__getstate__()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        segment = self.copy_and_close()
        assert segment is not None
        segment.unlink()
        self.name = ""
