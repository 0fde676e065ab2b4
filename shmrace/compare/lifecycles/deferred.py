"""Deferred unlink: unpickling only attaches; `materialize` copies, closes and unlinks.

SGLang's `ShmPointerMMData` after pull request #21465.  It is correct for several readers if all
attach before the first one materializes.  The handle itself does not ensure this.
"""

import contextlib

import torch

from shmrace.compare.lifecycles.named import NamedHandle


class DeferredHandle(NamedHandle):
    """A tensor that travels as the name of a segment, which every reader unlinks.

    Unpickled, it holds a view of the segment, without a copy, until `materialize`.
    """

    def materialize(self) -> torch.Tensor:
        """A copy of the tensor; the segment is closed, and unlinked by this or another reader."""
        segment = self.copy_and_close()
        if segment is not None:
            with contextlib.suppress(FileNotFoundError):  # another reader has unlinked it
                segment.unlink()
        return super().materialize()
