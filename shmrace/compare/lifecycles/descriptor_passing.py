"""No name at all: an anonymous file whose descriptor is passed over a Unix socket.

No segment can be missing or leak, because the kernel counts descriptors, and also counts those in a
socket's queue.  Each reader has a socket as its mailbox.  Whenever a reader unpickles a handle, it
receives one descriptor from its mailbox.  Source: memfd_create(2), unix(7), SCM_RIGHTS.
"""

import contextlib
import mmap
import os
import socket
from collections.abc import Sequence
from typing import Any, ClassVar

import torch

from shmrace.compare.lifecycles.handle import Handle, size_of, view_of


class DescriptorPassingHandle(Handle):
    """A tensor that travels as a descriptor, and its shape as bytes."""

    mailbox: ClassVar[socket.socket]  # of this process
    mailboxes: ClassVar[dict[str, socket.socket]] = {}  # connected to the readers', by name

    def __init__(self, tensor: torch.Tensor, readers: Sequence[str], directory: str) -> None:
        self.shape = tuple(tensor.shape)
        self.dtype = tensor.dtype
        self.tensor: torch.Tensor | None = tensor
        self._to = [self.mailboxes[name] for name in dict.fromkeys(readers)]
        self._descriptor = os.memfd_create("tensor")
        try:
            os.ftruncate(self._descriptor, size_of(tensor))
            with mmap.mmap(self._descriptor, size_of(tensor)) as memory:
                view_of(memory, [tensor.numel()], tensor.dtype).copy_(tensor.reshape(-1))
        except BaseException:
            os.close(self._descriptor)
            raise

    @classmethod
    def prepare(cls, name: str, directory: str) -> None:
        cls.mailbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        cls.mailbox.bind(_address(name, directory))

    @classmethod
    def connect(cls, names: Sequence[str], directory: str) -> None:
        for name in names:
            cls.mailboxes[name] = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            cls.mailboxes[name].connect(_address(name, directory))

    def __getstate__(self) -> dict[str, Any]:
        for mailbox in self._to:
            with contextlib.suppress(ConnectionRefusedError):  # this reader is dead
                socket.send_fds(mailbox, [b"tensor"], [self._descriptor])
        return {"shape": self.shape, "dtype": self.dtype}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._to = []  # only the owner sends
        _, (self._descriptor,), *_ = socket.recv_fds(self.mailbox, 16, 1)
        self.tensor = None

    def materialize(self) -> torch.Tensor:
        """A copy of the tensor; this reader's descriptor is closed."""
        if self.tensor is None:
            size = os.fstat(self._descriptor).st_size
            with mmap.mmap(self._descriptor, size) as memory:
                self.tensor = view_of(memory, self.shape, self.dtype).clone()
            os.close(self._descriptor)
        return self.tensor

    def retire(self) -> None:
        """Close the owner's descriptor; descriptors in sockets stay open."""
        os.close(self._descriptor)


def _address(name: str, directory: str) -> str:
    return os.path.join(directory, f"{name}.mailbox")
