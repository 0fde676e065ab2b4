"""What a lifecycle is: a handle that is made from a tensor, pickled, unpickled and materialized.

A handle is made by the owner of the tensor and travels as bytes, once or several times.  Whoever
unpickles it is a reader, and materializes it to have the tensor.  Some strategies need the readers
to answer: the owner then waits for one answer to each handle that it has sent to each reader, and
retires the handle.
"""

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import torch


class Handle:
    """The base of all lifecycles; what a strategy has no need of does nothing.

    `readers` names who will unpickle it, once for each unpickling; `directory` is one that owner
    and readers share.
    """

    answers: ClassVar[str] = ""
    """When a reader answers the owner: "attached", "copied", or never."""

    uses_segments: ClassVar[bool] = True

    def __init__(self, tensor: torch.Tensor, readers: Sequence[str], directory: str) -> None:
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        raise NotImplementedError

    def __setstate__(self, state: dict[str, Any]) -> None:
        raise NotImplementedError

    def materialize(self) -> torch.Tensor:
        """The tensor, in memory of this process' own."""
        raise NotImplementedError

    def retire(self) -> None:
        """In the owner: all is sent, and answered where readers answer."""

    @classmethod
    def prepare(cls, name: str, directory: str) -> None:
        """In each process, before anything is sent; `name` is the actor's."""

    @classmethod
    def connect(cls, names: Sequence[str], directory: str) -> None:
        """In the owner, once everybody is prepared; `names` are the readers'."""


def size_of(tensor: torch.Tensor) -> int:
    """Bytes of its elements, without gaps."""
    return int(tensor.numel() * tensor.element_size())


def view_of(buffer: Any, shape: Sequence[int], dtype: torch.dtype, offset: int = 0) -> torch.Tensor:
    """A tensor over the memory of a buffer, from `offset` bytes on; nothing is copied."""
    count = math.prod(shape)
    return torch.frombuffer(buffer, dtype=dtype, count=count, offset=offset).reshape(tuple(shape))
