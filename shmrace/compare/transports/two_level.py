"""Two levels: rank 0 relays to the first rank of each sub-group, and these relay to the others.

SGLang's attention groups.  On this path the barrier of the tensor-parallel group was not reached
(issue #29010); pull request #29543 added barriers to the sub-groups.  With `barrier` all ranks
unpickle before any unwraps: barriers in each sub-group, among their first ranks, in each again.
"""

import pickle
from typing import Any, ClassVar

from shmrace.compare.lifecycles.handle import Handle
from shmrace.compare.transports.transport import Make, Transport, Unwrap, halves, relayed
from shmrace.compare.transports.wire import Members, Plan, Wire


class TwoLevel(Transport):
    """A second broadcast in each sub-group, without a barrier (issue #29010)."""

    barrier: ClassVar[bool] = False

    def __init__(self, ranks: int) -> None:
        super().__init__(ranks)
        self._groups = halves(self.ranks)
        self._firsts: Members = tuple(group[0] for group in self._groups)

    def plan(self) -> Plan:
        groups = tuple(group for group in (self._firsts, *self._groups) if len(group) > 1)
        return Plan(frozenset({("sender", self.ranks[0])}), tuple(dict.fromkeys(groups)))

    def send(self, wire: Wire, make: Make) -> list[Handle]:
        handle = make(self.readers)
        wire.send(self.ranks[0], pickle.dumps(handle))
        return [handle]

    def receive(self, wire: Wire, me: str, unwrap: Unwrap) -> Any:
        own = next(group for group in self._groups if me in group)
        item = pickle.loads(wire.receive("sender")) if me == self.ranks[0] else None
        if me in self._firsts:
            item = relayed(wire, self._firsts, me, item)
        item = relayed(wire, own, me, item)
        if self.barrier:
            self._meet(wire, own, me)
        return unwrap(item)

    def _meet(self, wire: Wire, own: Members, me: str) -> None:
        for group in (own, self._firsts, own):
            if me in group and len(group) > 1:
                wire.barrier(group)


class TwoLevelBarrier(TwoLevel):
    """The same, with barriers on both levels (pull request #29543)."""

    barrier = True
