"""Deferred unlink: unpickling only attaches; `materialize` copies, closes and unlinks.

SGLang's `ShmPointerMMData` after pull request #21465.  Several readers are possible if all have
attached before the first one materializes, which the handle itself does not see to.
"""

import contextlib

import torch

from shmrace.compare.lifecycles.named import NamedHandle


class DeferredHandle(NamedHandle):
    """A tensor that travels as the name of a segment, which every reader unlinks.

    Unpickled, it holds a view of the segment, without a copy, until `materialize`.
    """

    def materialize(self) -> torch.Tensor:
        """A copy of the tensor; the segment is closed and unlinked, by somebody else perhaps."""
        segment = self.copy_and_close()
        if segment is not None:
            with contextlib.suppress(FileNotFoundError):  # another reader was first: as good
                segment.unlink()
        return super().materialize()
