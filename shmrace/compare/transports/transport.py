"""What a transport is: how handles get from their owner, the sender, to every rank."""

import pickle
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from shmrace.compare.lifecycles.handle import Handle
from shmrace.compare.transports.wire import Members, Plan, Wire

Make = Callable[[Sequence[str]], Handle]
"""Makes a handle for these readers."""

Unwrap = Callable[[Any], Any]
"""What a reader does with a handle to have its tensor."""


class Transport:
    """The base of all transports: one message to `ranks` ranks, unless a subclass says otherwise.

    `sends` is how often each rank is given a handle.
    """

    sends: ClassVar[int] = 1

    def __init__(self, ranks: int) -> None:
        self.ranks: Members = tuple(f"rank{rank}" for rank in range(ranks))

    @property
    def readers(self) -> Members:
        """Who unpickles a handle."""
        return self.ranks

    def plan(self) -> Plan:
        """What it uses of a wire."""
        raise NotImplementedError

    def send(self, wire: Wire, make: Make) -> list[Handle]:
        """Make and send what is to be sent, in the sender; the handles that were made."""
        raise NotImplementedError

    def receive(self, wire: Wire, me: str, unwrap: Unwrap) -> Any:
        """Receive one handle and unwrap it, in a rank."""
        raise NotImplementedError


def relayed(wire: Wire, group: Members, me: str, item: Any) -> Any:
    """Broadcast in a group: its first goes on with its own item at once, the others unpickle."""
    if len(group) == 1:
        return item
    if me == group[0]:
        wire.broadcast(group, pickle.dumps(item))
        return item
    return pickle.loads(wire.broadcast(group, None))


def halves(ranks: Members) -> tuple[Members, ...]:
    """The ranks in two groups, the first as large as the second or larger by one."""
    middle = (len(ranks) + 1) // 2
    return tuple(group for group in (ranks[:middle], ranks[middle:]) if group)
