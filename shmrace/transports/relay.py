"""Relay: rank 0 receives and broadcasts to its peers, and goes on with its own object at once.

As SGLang's tokenizer, scheduler and `broadcast_pyobj` do it: the source of the broadcast returns
before its peers have unpickled.
"""

import pickle
from typing import Any

from shmrace.scenario import World


def send(world: World, item: Any) -> None:
    """Pickle `item` and hand it to rank 0."""
    world.send("rank0", pickle.dumps(item))


def receive(world: World) -> Any:
    """The item, in every rank: rank 0 unpickles and broadcasts it, its peers unpickle it."""
    if world.rank != 0:
        return pickle.loads(world.broadcast(None, src=0))
    item = pickle.loads(world.recv("sender"))
    world.broadcast(pickle.dumps(item), src=0)
    return item
