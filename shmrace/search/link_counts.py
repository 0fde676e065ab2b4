"""Did what a stat told of the number of names depend on the order of steps?

A stat tells how many names a segment has, and whoever attaches a segment asks for its size by a
stat.  To let each stat depend on every link and unlink would multiply the distinct schedules of
most programs that look at a segment beside an unlink, although hardly one of them uses the number.

So a search first leaves that dependence out.  If it would end with a pass, and a stat ran beside a
change of the number in any of its executions, the search starts over with the dependence.  Where no
stat runs beside such a change, both searches are the same one.
"""

from collections.abc import Sequence

from shmrace.model.happens_before import pasts
from shmrace.model.objects import Mode, Object, ObjectKind, links_of
from shmrace.model.trace import Turn


class TellsLinks(Exception):
    """A search that is about to pass has to depend on what a stat tells."""


class LinkCounts:
    """What the executions of one search have shown."""

    def __init__(self) -> None:
        self.raced = False

    def note(self, turns: Sequence[Turn]) -> None:
        """An execution has ended."""
        self.raced = self.raced or _raced(turns)


def _raced(turns: Sequence[Turn]) -> bool:
    told: dict[Object, list[int]] = {}
    changed: dict[Object, list[int]] = {}
    for index, turn in enumerate(turns):
        for one, mode in turn.accesses:
            if one.kind is ObjectKind.LINKS_SEEN:
                told.setdefault(links_of(*one.whose), []).append(index)
            elif one.kind is ObjectKind.LINKS and mode is not Mode.READ:
                changed.setdefault(one, []).append(index)
    both = told.keys() & changed.keys()
    past = pasts(turns) if both else []
    return any(
        not past[max(look, change)] >> min(look, change) & 1
        for one in both
        for look in told[one]
        for change in changed[one]
        if look != change
    )
