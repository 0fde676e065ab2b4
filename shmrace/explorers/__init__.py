"""Explorers: who goes next.  Pure code, without an operating system.

A new explorer is one new file and one line in `EXPLORERS`.
"""

from shmrace.explorers.bounded import Bounded
from shmrace.explorers.dpor import Dpor
from shmrace.explorers.interface import Explorer, Point
from shmrace.explorers.pct import Pct
from shmrace.explorers.portfolio import Portfolio
from shmrace.explorers.pos import Pos
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
]
