"""Relay: rank 0 receives and broadcasts the object, and at once continues with its own one.

SGLang's tokenizer, scheduler and `broadcast_pyobj` do this: the source of a broadcast returns
before its peers have unpickled.  With `barrier`, no rank unwraps before all ranks have unpickled
(pull request #21655).
"""

import pickle
from typing import Any, ClassVar

from shmrace.compare.lifecycles.handle import Handle
from shmrace.compare.transports.transport import Make, Transport, Unwrap, relayed
from shmrace.compare.transports.wire import Plan, Wire


class Relay(Transport):
    """Rank 0 broadcasts the handle that it received, then unwraps it (pull request #21465)."""

    barrier: ClassVar[bool] = False

    def plan(self) -> Plan:
        groups = (self.ranks,) if len(self.ranks) > 1 else ()
        return Plan(frozenset({("sender", self.ranks[0])}), groups)

    def send(self, wire: Wire, make: Make) -> list[Handle]:
        handle = make(self.readers)
        wire.send(self.ranks[0], pickle.dumps(handle))
        return [handle]

    def receive(self, wire: Wire, me: str, unwrap: Unwrap) -> Any:
        item = pickle.loads(wire.receive("sender")) if me == self.ranks[0] else None
        item = relayed(wire, self.ranks, me, item)
        if self.barrier and len(self.ranks) > 1:
            wire.barrier(self.ranks)
        return unwrap(item)


class RelayBarrier(Relay):
    """The same, with a barrier before any rank unwraps (pull request #21655)."""

    barrier = True
