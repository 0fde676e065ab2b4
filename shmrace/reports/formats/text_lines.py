"""The lines of a report's table: which steps are shown, and with which words.

The table shows the steps on one segment, or on all segments, and the steps that order actors.  A
printed line follows the step in which its actor printed it.  Repeated steps share one line.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shmrace.model.objects import Mode, ObjectKind
from shmrace.model.operations import ENDINGS, ORDERING, QUIET, SLEEPING, Operation
from shmrace.model.prose import plain_text
from shmrace.model.trace import Step
from shmrace.reports.steps import MOST_PRINTED
from shmrace.reports.words import said

_LONGEST_REPEATED = 3  # how many steps may repeat as a group


@dataclass
class Line:
    """One line: the number of a step or a sign, and what one actor did."""

    number: str
    actor: str
    cell: str
    racing: bool = False
    preempts: bool = False
    ends: bool = False  # its actor raised, or was killed
    printed: bool = False
    times: int = 1

    @property
    def matters(self) -> bool:
        """Is this line shown even if there are too many lines?"""
        return self.racing or self.preempts or self.ends or self.printed

    @property
    def text(self) -> str:
        return self.cell if self.times == 1 else f"{self.cell} x {self.times}"


def shown(step: Step, segment: str | None, racing: Sequence[int]) -> bool:
    """Does the table show this step?"""
    if step.index in racing or step.outcome in ENDINGS or _changes_bytes(step):
        return True
    concerns = segment is None or segment in (step.segment, step.name)
    if step.operation in QUIET:
        return concerns and not step.ok and step.name is not None
    if step.operation in ORDERING or step.operation in SLEEPING:
        return True
    if step.operation == Operation.LINE:
        return step.preempts
    return concerns and (step.name is not None or step.segment is not None)


def _changes_bytes(step: Step) -> bool:
    """Are bytes of a segment other after this step, as by a store behind its gate?"""
    return any(one.kind is ObjectKind.BYTES and mode is Mode.WRITE for one, mode in step.accesses)


def lines(
    trace: Sequence[Step], segment: str | None, racing: Sequence[int], full: bool = False
) -> list[Line]:
    """The lines in the order of time; if `full`, every step and every printed line."""
    found: list[Line] = []
    for step in trace:
        if full or shown(step, segment, racing):
            ends = step.outcome in ENDINGS
            marks = step.index in racing, step.preempts, ends
            found.append(Line(str(step.number), step.actor, plain_text(said(step)), *marks))
        found += [Line('"', step.actor, plain_text(line), printed=True) for line in step.printed]
    return found if full else _folded(_few_printed(found))


def _few_printed(given: Sequence[Line]) -> list[Line]:
    """The lines, with at most 20 printed lines for each actor, and a count of the others."""
    counts: dict[str, int] = {}
    found: list[Line] = []
    for row in given:
        if row.printed:
            counts[row.actor] = counts.get(row.actor, 0) + 1
            if counts[row.actor] > MOST_PRINTED:
                continue
        found.append(row)
    more = {actor: number - MOST_PRINTED for actor, number in counts.items()}
    return found + [
        Line('"', actor, f"({number} more lines)", printed=True)
        for actor, number in more.items()
        if number > 0
    ]


def _folded(given: Sequence[Line]) -> list[Line]:
    """The lines, where repeated steps of one actor share one line."""
    found: list[Line] = []
    place = 0
    while place < len(given):
        length, times = _repetition(given, place)
        unit = given[place : place + length]
        row = given[place]
        if times > 1:
            row.cell = ", ".join(one.cell for one in unit)
            row.times = times
        found.append(row)
        place += length * times
    return found


def _repetition(given: Sequence[Line], place: int) -> tuple[int, int]:
    """(how many lines repeat from here, how often); (1, 1) if none do."""
    for length in range(1, _LONGEST_REPEATED + 1):
        unit = given[place : place + length]
        times = 1
        while _same(unit, given[place + length * times : place + length * (times + 1)]):
            times += 1
        if times > (1 if length == 1 else 2):
            return length, times
    return 1, 1


def _same(unit: Sequence[Line], other: Sequence[Line]) -> bool:
    """Is the second group a repetition of the first, by the same actor?"""
    return len(unit) == len(other) and all(
        (one.actor, one.cell) == (unit[0].actor, two.cell)
        and one.actor == two.actor
        and not (one.racing or one.printed or two.matters)
        for one, two in zip(unit, other, strict=True)
    )
