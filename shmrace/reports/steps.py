"""The steps of a trace as rows of a picture, in order, in short words.

Consecutive steps of one actor share a row if they are the same ("sleep x 214"), or if all of them
are quiet (stat, map, end).  A racing step has its own row.  If there are too many rows, those far
from the racing ones are replaced by a `Gap`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shmrace.model.operations import DULL, ENDINGS, ORDERING, SLEEPING
from shmrace.model.trace import Step
from shmrace.reports.words import said

MOST_PRINTED = 20
"""How many printed lines of one actor a report shows, unless it is full."""


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
        """Did the actor end here without returning?"""
        return self.steps[0].outcome in ENDINGS

    @property
    def failed(self) -> bool:
        """Did the step fail, without ending its actor?"""
        return not self.steps[0].ok and not self.fatal

    @property
    def number(self) -> str:
        """The numbers of the steps in reports: "7", or "7-9"."""
        first, last = self.steps[0].number, self.steps[-1].number
        return str(first) if first == last else f"{first}-{last}"

    @property
    def words(self) -> str:
        """The steps in short words."""
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
    """The rows of all steps."""
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
    """At most `most` rows, in order: those nearest to the racing rows, or to the end."""
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
    """Is this step of little interest to a reader?"""
    return step.ok and (step.operation in DULL)


def concerns(step: Step, segment: str | None) -> bool:
    """Is this a step on the segment (None: on any), a step that orders actors, or a failed one?"""
    if is_quiet(step):
        return False
    if not step.ok or step.operation in ORDERING or step.operation in SLEEPING:
        return segment is None or step.name in (None, segment) or step.segment == segment
    about = step.segment is not None or step.name is not None
    return about and (segment is None or segment in (step.segment, step.name))
