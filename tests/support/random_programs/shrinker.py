"""Makes a program smaller as long as the same kind of fault is found in it.

One thing is left out at a time, whole bodies first, until nothing can be left out any more.
"""

from collections.abc import Callable
from dataclasses import replace

from tests.support.random_programs.comparison import Comparison, Kind, compared
from tests.support.random_programs.program import Program
from tests.support.random_programs.searches import Bounds

TRIALS = 120
"""Programs that are tried at most."""


def shrunk(
    found: Comparison, kind: Kind, bounds: Bounds, trials: int = TRIALS,
    compare: Callable[[Program, Bounds], Comparison] = compared,
) -> Comparison:  # fmt: skip
    """The comparison of the smallest program that was reached.  A fault of a search that assumed
    nothing is kept such a fault."""
    bounds = _for_smaller(found, bounds)
    proved = found.proved
    progress = True
    while progress:
        progress = False
        for candidate in found.program.smaller():
            if trials == 0:
                return found
            trials -= 1
            again = compare(candidate, bounds)
            if kind in again.kinds and again.proved >= proved:
                found, progress = again, True
                break
    return found


def _for_smaller(found: Comparison, bounds: Bounds) -> Bounds:
    """A smaller program has no more executions than this one had."""
    most = max(found.executions, found.classes) + 20
    return replace(bounds, reduced=min(bounds.reduced, most), plain=min(bounds.plain, 5 * most))
