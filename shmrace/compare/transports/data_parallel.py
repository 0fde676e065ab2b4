"""Data parallel: the same bytes to several groups of ranks, each of which relays them (#23022).

Within a group there is a barrier; groups do not synchronise with each other.
"""

import pickle
from typing import Any

from shmrace.compare.lifecycles.handle import Handle
from shmrace.compare.transports.transport import Make, Transport, Unwrap, halves, relayed
from shmrace.compare.transports.wire import Plan, Wire


class DataParallel(Transport):
    """Fan-out to groups, each of which relays to its ranks."""

    def __init__(self, ranks: int) -> None:
        super().__init__(ranks)
        self._groups = halves(self.ranks)
        self._all = ("sender", *(group[0] for group in self._groups))

    def plan(self) -> Plan:
        return Plan(groups=(self._all, *(group for group in self._groups if len(group) > 1)))

    def send(self, wire: Wire, make: Make) -> list[Handle]:
        handle = make(self.readers)
        wire.broadcast(self._all, pickle.dumps(handle))
        return [handle]

    def receive(self, wire: Wire, me: str, unwrap: Unwrap) -> Any:
        own = next(group for group in self._groups if me in group)
        item = pickle.loads(wire.broadcast(self._all, None)) if me == own[0] else None
        item = relayed(wire, own, me, item)
        if len(own) > 1:
            wire.barrier(own)
        return unwrap(item)
