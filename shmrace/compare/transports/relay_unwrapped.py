"""Relay of what rank 0 has unwrapped before (pull request #21737): whole tensors are broadcast."""

import pickle
from typing import Any

from shmrace.compare.transports.relay import Relay
from shmrace.compare.transports.transport import Unwrap, relayed
from shmrace.compare.transports.wire import Members, Wire


class RelayUnwrapped(Relay):
    """Rank 0 alone reads the handle; its peers get the tensor's bytes."""

    @property
    def readers(self) -> Members:
        return self.ranks[:1]

    def receive(self, wire: Wire, me: str, unwrap: Unwrap) -> Any:
        item = unwrap(pickle.loads(wire.receive("sender"))) if me == self.ranks[0] else None
        return relayed(wire, self.ranks, me, item)
