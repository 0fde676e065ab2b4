"""Draws small programs that hand names over as real ones do, with one wait left out here or there.

Unlike the programs of `generator`, most of them pass in some schedules and fail in others, so that
there is a race to tell of and an order that helps.
"""

import random

from tests.support.random_programs.features import Feature
from tests.support.random_programs.program import Instruction, Program


def handover(seed: int) -> Program:
    """Two ranks; of each name one is the owner, and the other attaches it."""
    chance = random.Random(f"handover {seed}")
    bodies: tuple[list[Instruction], list[Instruction]] = ([], [])
    for slot, name in enumerate("AB"[: chance.choice((1, 1, 2))]):
        owner = chance.randrange(2)
        _hand_over(chance, bodies, owner, slot, name)
    return Program(seed, tuple(map(tuple, bodies)))


def _hand_over(
    chance: random.Random, bodies: tuple[list[Instruction], list[Instruction]], owner: int,
    slot: int, name: str,
) -> None:  # fmt: skip
    own, other = bodies[owner], bodies[1 - owner]

    def tell(sender: int) -> None:
        """The one goes on only after the other has come here."""
        bodies[sender].append(_of(Feature.MESSAGES, f'p.world.send("rank{1 - sender}", 1)'))
        bodies[1 - sender].append(_of(Feature.MESSAGES, f'p.world.recv("rank{sender}")'))

    own.append(_of(Feature.FILES, f"p.open({slot}, {name}, os.O_RDWR | os.O_CREAT | os.O_EXCL)"))
    if chance.random() < 0.3:
        own.append(_of(Feature.SIZES, f"os.ftruncate(p.fd[{slot}], 2)"))
    if chance.random() < 0.7:
        tell(owner)
    other.append(_of(Feature.FILES, f"p.open({slot}, {name}, os.O_RDWR)"))
    if chance.random() < 0.3:
        other.append(_of(Feature.LOOKS, f"os.stat({name}).st_size"))
    if chance.random() < 0.3:
        tell(1 - owner)
    unlinks = _of(Feature.FILES, f"os.unlink({name})")
    who = chance.choice((own, own, own, other, None))
    for body in (own, other) if who is None else (who,):
        body.append(unlinks)


def _of(feature: Feature, text: str) -> Instruction:
    return Instruction(text, feature)
