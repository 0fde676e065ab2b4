"""Draws a program from a seed: few objects and few instructions, so that most of it races."""

import random
from collections.abc import Collection

from tests.support.random_programs.features import CREATE, INSTRUCTIONS, NEEDS, Feature, Needs
from tests.support.random_programs.program import Body, Instruction, Program

NAMES = ("A", "B", "C")
BESIDE = (Feature.FILES, Feature.BARRIERS, Feature.KILLS, Feature.ERRNOS)
"""Features that are added to others, and never what a program is about."""

OPEN = "p.open(0, A, os.O_RDWR)"


def program(seed: int, only: Collection[Feature] = ()) -> Program:
    """The program of a seed; `only` are the features that it may use besides files."""
    return _Draft(random.Random(seed), seed, only or tuple(Feature)).program()


class _Draft:
    """One program in the making."""

    def __init__(self, chance: random.Random, seed: int, allowed: Collection[Feature]) -> None:
        self._chance = chance
        self._seed = seed
        about = [feature for feature in Feature if feature in allowed and feature not in BESIDE]
        wanted = chance.choice((1, 2, 2, 3))
        self._about = chance.sample(about, min(wanted, len(about)))
        self._needs = [NEEDS.get(feature, Needs()) for feature in self._about]
        self._starts = [(f, n) for f, n in zip(self._about, self._needs, strict=True) if n.child]
        self._starts = self._starts[:2]
        self._faults: tuple[str, ...] = ()
        if Feature.KILLS in allowed and chance.random() < 0.1:
            self._faults = ("kill@rank*",)
        elif Feature.ERRNOS in allowed and chance.random() < 0.06:
            self._faults = ("EACCES:attach",)
        self._barrier = Feature.BARRIERS in allowed and chance.random() < 0.15
        self._names = NAMES[: chance.choice((1, 1, 2, 2, 3))]
        self._slots = chance.choice(((0,), (0,), (0, 1)))
        self._count = chance.choice((1, 2) if self._starts else (2, 2, 3))

    def program(self) -> Program:
        chance = self._chance
        bodies = [
            self._body(self._length(), rank, self._for_rank(rank)) for rank in range(self._count)
        ]
        if Feature.MESSAGES in self._about and self._count > 1:
            self._exchange(bodies)
        if self._barrier:
            for body in bodies:
                body.insert(
                    chance.randint(0, len(body)), _of(Feature.BARRIERS, "p.world.barrier()")
                )
        for number, (feature, needs) in enumerate(self._starts):
            bodies[0].insert(0, _of(feature, needs.child.format(child=number)))
        for feature, needs in zip(self._about, self._needs, strict=True):
            if needs.first:
                bodies[0].insert(0, _of(feature, needs.first))
        children = [self._body(chance.choice((1, 1, 2)), 0, self._for_child) for _ in self._starts]
        return Program(
            self._seed,
            tuple((*self._before(rank), *body) for rank, body in enumerate(bodies)),
            tuple(map(tuple, children)),
            self._faults,
            tidy=chance.random() < 0.85,
            checkpoints=chance.random() < 0.4,
            knows_pids=any(one.pids for one in self._needs) and self._count > 1,
        )

    def _length(self) -> int:
        longest = 3 if self._count + len(self._starts) <= 2 and not self._faults else 2
        return self._chance.randint(longest - 1, longest)

    def _for_rank(self, rank: int) -> list[Feature]:
        """What it may use: only the first rank starts children, and has a use for them."""
        return [one for one in self._about if rank == 0 or not NEEDS.get(one, Needs()).child]

    @property
    def _for_child(self) -> list[Feature]:
        """What a child may use: it shares a pipe or a memfd, and has no children."""
        return [
            one for one in self._about
            if not NEEDS.get(one, Needs()).child or NEEDS[one].first
        ]  # fmt: skip

    def _body(self, length: int, rank: int, about: list[Feature]) -> list[Instruction]:
        return [self._instruction(rank, about) for _ in range(length)]

    def _instruction(self, rank: int, about: list[Feature]) -> Instruction:
        chance = self._chance
        feature = chance.choice(about) if about else Feature.FILES
        if chance.random() < 0.25:
            feature = Feature.FILES
        others = [number for number in range(self._count) if number != rank] or [rank]
        name, *rest = chance.sample(self._names, len(self._names))
        text = chance.choice(INSTRUCTIONS[feature]).format(
            name=name,
            other=rest[0] if rest else "B" if name == "A" else "A",
            fd=chance.choice(self._slots),
            n=chance.randint(1, 2),
            byte=chance.randint(0, 1),
            rank=f'"rank{chance.choice(others)}"',
            child=chance.randrange(max(len(self._starts), 1)),
        )
        return _of(feature, text)

    def _exchange(self, bodies: list[list[Instruction]]) -> None:
        """A message that is sent and waited for."""
        chance = self._chance
        sender, receiver = chance.sample(range(self._count), 2)
        for rank, text in (
            (sender, f'p.world.send("rank{receiver}", 3)'),
            (receiver, f'p.world.recv("rank{sender}")'),
        ):
            bodies[rank].insert(chance.randint(0, len(bodies[rank])), _of(Feature.MESSAGES, text))

    def _before(self, rank: int) -> Body:
        """What a rank holds before all else, if it has to."""
        if not any(one.held for one in self._needs):
            return (_of(Feature.FILES, CREATE),) if rank == 0 and self._seed % 3 else ()
        meet = _of(Feature.BARRIERS, "p.world.barrier()")
        mapped = any(one.mapped for one in self._needs)
        made = [_of(Feature.FILES, CREATE)]
        if mapped:
            made.append(_of(Feature.SIZES, "os.ftruncate(p.fd[0], 2)"))
        after = [_of(Feature.MAPPINGS, "p.map(0)")] if mapped else []
        if Feature.FOREIGN in self._about:
            after.append(_of(Feature.FOREIGN, "p.hold_at(0, 40)"))
        if self._count == 1 or (self._seed % 4 == 0 and not mapped):
            return (*made, *after)
        if rank == 0:
            return (*made, meet, *after)
        return (meet, _of(Feature.FILES, OPEN), *after)


def _of(feature: Feature, text: str) -> Instruction:
    return Instruction(text, feature)
