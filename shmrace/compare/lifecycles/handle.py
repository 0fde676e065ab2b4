"""The interface of a lifecycle: a handle that is made, pickled, unpickled and materialized.

The owner of a tensor makes the handle and sends it as bytes, once or several times.  A process that
unpickles the handle is a reader; it materializes the handle to get the tensor.  In some strategies
readers answer: the owner waits for one answer from each reader to each handle that it has sent, and
then retires the handle.
"""

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import torch


class Handle:
    """The base class of lifecycles; by default `retire`, `prepare` and `connect` do nothing.

    `readers` names the actors that will unpickle the handle, once for each unpickling; owner and
    readers share `directory`.
    """

    answers: ClassVar[str] = ""
    """When a reader answers the owner: once it has "attached" or "copied"; empty: never."""

    uses_segments: ClassVar[bool] = True

    def __init__(self, tensor: torch.Tensor, readers: Sequence[str], directory: str) -> None:
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        raise NotImplementedError

    def __setstate__(self, state: dict[str, Any]) -> None:
        raise NotImplementedError

    def materialize(self) -> torch.Tensor:
        """The tensor, in private memory of this process."""
        raise NotImplementedError

    def retire(self) -> None:
        """Called in the owner once every handle is sent, and answered if readers answer."""

    @classmethod
    def prepare(cls, name: str, directory: str) -> None:
        """Called in each process before anything is sent; `name` is the actor's name."""

    @classmethod
    def connect(cls, names: Sequence[str], directory: str) -> None:
        """Called in the owner once all processes are prepared; `names` are the readers' names."""


def size_of(tensor: torch.Tensor) -> int:
    """The number of bytes of a tensor's elements, without gaps."""
    return int(tensor.numel() * tensor.element_size())


def view_of(buffer: Any, shape: Sequence[int], dtype: torch.dtype, offset: int = 0) -> torch.Tensor:
    """A tensor over the memory of a buffer, from `offset` bytes on; nothing is copied."""
    count = math.prod(shape)
    return torch.frombuffer(buffer, dtype=dtype, count=count, offset=offset).reshape(tuple(shape))
