"""Explorers: who goes next.  Pure code, without an operating system.

A new explorer is one new file and one line in `EXPLORERS`.
"""

from collections.abc import Mapping, Sequence

from shmrace.errors import UsageError
from shmrace.explorers.bounded import Bounded
from shmrace.explorers.dpor import Dpor
from shmrace.explorers.interface import Explorer, Point
from shmrace.explorers.pct import Pct
from shmrace.explorers.portfolio import Portfolio
from shmrace.explorers.pos import Pos
from shmrace.explorers.up_to_symmetry import UpToSymmetry
from shmrace.explorers.urw import Urw
from shmrace.explorers.walk import Walk

EXPLORERS: dict[str, type[Explorer]] = {
    "dpor": Dpor,
    "bounded": Bounded,
    "pct": Pct,
    "portfolio": Portfolio,
    "pos": Pos,
    "urw": Urw,
    "walk": Walk,
}


def make(
    name: str, seed: int = 0, peers: Sequence[Sequence[str]] = (),
    bounds: Mapping[str, int | None] | None = None,
) -> Explorer:  # fmt: skip
    """The explorer of a name, such as "dpor" or "pct2"; `peers` are the actors that may be swapped,
    `bounds` those on preemptions and delays.

    Raises `UsageError` for an unknown name, and for a seed or bounds that it would ignore.
    """
    plain = str(name).rstrip("0123456789")
    depth = str(name).removeprefix(plain)
    kind = EXPLORERS.get(plain)
    if kind is None or (depth and not (kind.uses_depth and int(depth))):
        raise UsageError(f"unknown explorer {name!r}: there are {', '.join(EXPLORERS)}")
    if seed != 0 and not kind.uses_seed:
        raise UsageError(f"the explorer {name} has no use for a seed: leave it out")
    if bounds and not kind.uses_bounds:
        able = ", ".join(other for other, one in EXPLORERS.items() if one.uses_bounds)
        raise UsageError(f"the explorer {name} bounds no preemptions and no delays; {able} does")
    if peers and kind is Dpor:
        return UpToSymmetry(seed, peers)
    return kind(seed, **(bounds or {}), **({"depth": int(depth)} if depth else {}))


__all__ = [
    "EXPLORERS",
    "Bounded",
    "Dpor",
    "Explorer",
    "Pct",
    "Point",
    "Portfolio",
    "Pos",
    "Urw",
    "Walk",
    "make",
]
