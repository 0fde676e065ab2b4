"""The interface of a transport, which carries handles from the sender to every rank."""

import pickle
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from shmrace.compare.lifecycles.handle import Handle
from shmrace.compare.transports.wire import Members, Plan, Wire

Make = Callable[[Sequence[str]], Handle]
"""Makes a handle for these readers."""

Unwrap = Callable[[Any], Any]
"""Called by a reader with a handle to get the tensor."""


class Transport:
    """The base class of transports to `ranks` ranks.

    `sends` is the number of handles that each rank receives.
    """

    sends: ClassVar[int] = 1

    def __init__(self, ranks: int) -> None:
        self.ranks: Members = tuple(f"rank{rank}" for rank in range(ranks))

    @property
    def readers(self) -> Members:
        """The actors that unpickle a handle."""
        return self.ranks

    def plan(self) -> Plan:
        """The links and groups of a wire that the transport uses."""
        raise NotImplementedError

    def send(self, wire: Wire, make: Make) -> list[Handle]:
        """In the sender: make and send the handles, and return them."""
        raise NotImplementedError

    def receive(self, wire: Wire, me: str, unwrap: Unwrap) -> Any:
        """In a rank: receive one handle, and return it unwrapped."""
        raise NotImplementedError


def relayed(wire: Wire, group: Members, me: str, item: Any) -> Any:
    """Broadcast in a group: the first member keeps its own item, the others unpickle a copy."""
    if len(group) == 1:
        return item
    if me == group[0]:
        wire.broadcast(group, pickle.dumps(item))
        return item
    return pickle.loads(wire.broadcast(group, None))


def halves(ranks: Members) -> tuple[Members, ...]:
    """The ranks in two groups; with an odd number the first group is larger."""
    middle = (len(ranks) + 1) // 2
    return tuple(group for group in (ranks[:middle], ranks[middle:]) if group)
