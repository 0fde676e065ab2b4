"""Draws a program from a seed: one to three idioms, among one to three ranks."""

import random
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

# Each of these modules enters its idioms.
from tests.support.correct_programs import (
    children,
    endings,
    guarded,
    kernel,
    naming,
    publishing,
    talking,
    walk,
    workers,
)
from tests.support.correct_programs.player import IDIOMS, Correct, Use

MODULES = (publishing, naming, guarded, children, workers, endings, talking, kernel, walk)
PARTS = 4
"""So many parts of an idiom are shuffled with those of others; the rest follows."""


@dataclass(frozen=True)
class Program:
    """`order` holds places in `uses`: how the parts of the idioms follow each other."""

    seed: int
    ranks: int
    uses: tuple[Use, ...]
    order: tuple[int, ...]

    def __str__(self) -> str:
        return f"{'; '.join(map(str, self.uses))}; order {''.join(map(str, self.order))}"

    def smaller(self) -> "list[Program]":
        """Programs with an idiom less, in order first, with parts less to shuffle."""
        found = []
        for place in range(len(self.uses)) if len(self.uses) > 1 else ():
            order = tuple(one - (one > place) for one in self.order if one != place)
            uses = self.uses[:place] + self.uses[place + 1 :]
            found.append(replace(self, uses=uses, order=order))
        if self.order:
            found.append(replace(self, order=()))
        used = {member for use in self.uses for member in use.members}
        if self.ranks > max(used) + 1:
            found.append(replace(self, ranks=max(used) + 1))
        return found


def program(seed: int, only: Collection[str] = ()) -> Program:
    """The program of a seed; `only` are the idioms that it may use."""
    chance = random.Random(seed)
    ranks = chance.choice((1, 2, 2, 2, 3))
    allowed = [one for name, one in sorted(IDIOMS.items()) if not only or name in only]
    ranks = max(ranks, min(min(one.members) for one in allowed))
    allowed = [one for one in allowed if min(one.members) <= ranks]
    uses = []
    for number in range(chance.choice((1, 1, 2, 2, 3) if ranks < 3 else (1, 1, 2))):
        one = chance.choice(allowed)
        count = chance.choice([count for count in one.members if count <= ranks])
        options = tuple((key, chance.choice(values)) for key, values in one.options.items())
        uses.append(
            Use(one.name, "abc"[number], tuple(chance.sample(range(ranks), count)), options)
        )
    order = [place for place in range(len(uses)) for _ in range(PARTS)]
    chance.shuffle(order)
    return Program(seed, ranks, tuple(uses), tuple(order) if len(uses) > 1 else ())


def scenario_of(made: Program) -> Correct:
    """An instance of its class."""
    values: dict[str, Any] = {
        "__doc__": f"Seed {made.seed}: {made}.", "__module__": __name__,
        "_uses": made.uses, "_order": made.order, "ranks": made.ranks,
    }  # fmt: skip
    found: Correct = type("Drawn", (Correct,), values)()
    return found
