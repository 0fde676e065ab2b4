"""No name at all: an anonymous file whose descriptor is passed over a Unix socket.

Nothing can be missing and nothing can leak, because the kernel counts the descriptors, those under
way included.  Each reader has a socket, a mailbox, from which it takes one descriptor whenever it
unpickles a handle.  Source: memfd_create(2), unix(7), SCM_RIGHTS.
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
    """A tensor that travels as a descriptor, beside the bytes that say its shape."""

    mailbox: ClassVar[socket.socket]  # this process' own
    mailboxes: ClassVar[dict[str, socket.socket]] = {}  # connected to those of others, by name

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
            with contextlib.suppress(ConnectionRefusedError):  # a dead reader needs none
                socket.send_fds(mailbox, [b"tensor"], [self._descriptor])
        return {"shape": self.shape, "dtype": self.dtype}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._to = []  # the owner sends to everybody
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
        """Close the owner's descriptor; what is under way stays."""
        os.close(self._descriptor)


def _address(name: str, directory: str) -> str:
    return os.path.join(directory, f"{name}.mailbox")
