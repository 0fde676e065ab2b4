"""How samplers share a point out between actors and faults.

A fault strikes at a point with probability 1 in 20, so that most of an execution happens before it.
"""

import random
from collections.abc import Sequence

from shmrace.model.schedule import Choice

_FAULT = 0.05


def strike(choices: Sequence[Choice], chance: random.Random) -> int | None:
    """The index of a fault that strikes here, or None: an actor goes on."""
    if not choices[-1].fault:  # they stand behind the actors
        return None
    faults = [index for index, choice in enumerate(choices) if choice.fault]
    if len(faults) == len(choices) or chance.random() < _FAULT:
        return chance.choice(faults)
    return None


def actors(choices: Sequence[Choice]) -> list[int]:
    """The indices of the choices that are no faults."""
    return [index for index, choice in enumerate(choices) if not choice.fault]
