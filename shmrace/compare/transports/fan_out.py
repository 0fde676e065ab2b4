"""Fan-out: the sender pickles once, and every rank unpickles the same bytes."""

import pickle
from typing import Any

from shmrace.compare.lifecycles.handle import Handle
from shmrace.compare.transports.transport import Make, Transport, Unwrap
from shmrace.compare.transports.wire import Plan, Wire


class FanOut(Transport):
    """The same bytes to every rank."""

    def plan(self) -> Plan:
        return Plan(groups=(("sender", *self.ranks),))

    def send(self, wire: Wire, make: Make) -> list[Handle]:
        handle = make(self.readers)
        wire.broadcast(("sender", *self.ranks), pickle.dumps(handle))
        return [handle]

    def receive(self, wire: Wire, me: str, unwrap: Unwrap) -> Any:
        return unwrap(pickle.loads(wire.broadcast(("sender", *self.ranks), None)))
