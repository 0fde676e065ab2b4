"""Fan-out: the sender pickles once, and every rank unpickles the same bytes."""

import pickle
from typing import Any

from shmrace.scenario import World


def send(world: World, item: Any, ranks: int) -> None:
    """Pickle `item` once and hand the bytes to every rank, in one step."""
    everybody = world.group(["sender", *(f"rank{rank}" for rank in range(ranks))])
    everybody.broadcast(pickle.dumps(item), src="sender")


def receive(world: World) -> Any:
    """Unpickle what the sender sent."""
    return pickle.loads(world.recv("sender"))
