"""Explorers: who goes next.  Pure code, without an operating system.

A new explorer is one new file and one line in `EXPLORERS`.
"""

from shmrace.explorers.dpor import Dpor
from shmrace.explorers.interface import Explorer, Point
from shmrace.explorers.walk import Walk

EXPLORERS: dict[str, type[Explorer]] = {"dpor": Dpor, "walk": Walk}

__all__ = ["EXPLORERS", "Dpor", "Explorer", "Point", "Walk"]
