"""Relay of tensors: rank 0 unwraps the handle, and broadcasts the tensor (pull request #21737)."""

import pickle
from typing import Any

from shmrace.compare.transports.relay import Relay
from shmrace.compare.transports.transport import Unwrap, relayed
from shmrace.compare.transports.wire import Members, Wire


class RelayUnwrapped(Relay):
    """Only rank 0 reads the handle; its peers get the tensor's bytes."""

    @property
    def readers(self) -> Members:
        return self.ranks[:1]

    def receive(self, wire: Wire, me: str, unwrap: Unwrap) -> Any:
        item = unwrap(pickle.loads(wire.receive("sender"))) if me == self.ranks[0] else None
        return relayed(wire, self.ranks, me, item)
