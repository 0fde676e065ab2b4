"""The steps of a trace as rows of a picture: in a reader's words, in order, the dull ones folded.

Steps of one actor that follow each other share a row if they are the same ("sleep x 214") or if
none of them says much (stat, map, end).  A step that races has a row of its own.  Where there are
too many rows, those far from the racing ones give way to a `Gap`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shmrace.model.operations import DULL, ENDINGS, ORDERING, SLEEPING
from shmrace.model.trace import Step
from shmrace.reports.words import said

MOST_PRINTED = 20
"""Lines that one actor printed which a report shows, unless it is to be full."""


@dataclass(frozen=True)
class Row:
    """One or more steps of one actor."""

    steps: tuple[Step, ...]
    racing: bool = False
    quiet: bool = False

    @property
    def actor(self) -> str:
        return self.steps[0].actor

    @property
    def preempts(self) -> bool:
        return self.steps[0].preempts

    @property
    def fatal(self) -> bool:
        """Did its actor end here, otherwise than by returning?"""
        return self.steps[0].outcome in ENDINGS

    @property
    def vain(self) -> bool:
        """Did it fail?  Its actor may have been prepared for that."""
        return not self.steps[0].ok and not self.fatal

    @property
    def number(self) -> str:
        """As readers count steps: "7", or "7-9"."""
        first, last = self.steps[0].number, self.steps[-1].number
        return str(first) if first == last else f"{first}-{last}"

    @property
    def words(self) -> str:
        """What happened, in a few words."""
        each = [said(step) for step in self.steps]
        different = list(dict.fromkeys(each))
        if len(different) == 1 and len(each) > 1:
            return f"{each[0]} x {len(each)}"
        return ", ".join(different)


@dataclass(frozen=True)
class Gap:
    """Rows that are not shown."""

    rows: int


def rows(trace: Sequence[Step], racing: Sequence[int]) -> list[Row]:
    """All steps, folded."""
    found: list[Row] = []
    for step in trace:
        races, quiet = step.index in racing, is_quiet(step)
        last = found[-1] if found else None
        if last is not None and last.actor == step.actor and not races and not last.racing:
            same = said(last.steps[-1]) == said(step)
            if not step.preempts and last.quiet == quiet and (quiet or same):
                found[-1] = Row((*last.steps, step), quiet=quiet)
                continue
        found.append(Row((step,), races, quiet and not races))
    return found


def nearest(found: Sequence[Row], most: int) -> list[Row | Gap]:
    """At most so many rows, those closest to the racing ones, or to the end; in order."""
    centres = [place for place, row in enumerate(found) if row.racing] or [len(found) - 1]
    ranked = sorted(
        range(len(found)), key=lambda place: (min(abs(place - one) for one in centres), place)
    )
    kept = sorted(ranked[:most])
    shown: list[Row | Gap] = []
    following = 0
    for place in kept:
        if place > following:
            shown.append(Gap(place - following))
        shown.append(found[place])
        following = place + 1
    if following < len(found):
        shown.append(Gap(len(found) - following))
    return shown


def is_quiet(step: Step) -> bool:
    """Does this step say little to a reader?"""
    return step.ok and (step.operation in DULL)


def concerns(step: Step, segment: str | None) -> bool:
    """Is this a step on the segment (None: on any), one that orders actors, or one that fails?"""
    if is_quiet(step):
        return False
    if not step.ok or step.operation in ORDERING or step.operation in SLEEPING:
        return segment is None or step.name in (None, segment) or step.segment == segment
    about = step.segment is not None or step.name is not None
    return about and (segment is None or segment in (step.segment, step.name))
