"""The table of a report: a column for each actor, time downwards.

Shown are the steps on one segment, or on all, and those that order actors; runs of one operation
are one row, what else happened is one line that counts it.  Pure ASCII, at most 100 columns.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from shmrace.operations import SLEEPING
from shmrace.trace import Step

WIDTH = 100
MOST_ROWS = 40
_MARGIN = 7
_GAP = 2
_QUIET = frozenset("start stat seek exit birth fork thread map list".split())
"""Shown only where they fail or race."""

_ORDERS = frozenset("send broadcast recv barrier join spawn kill signal checkpoint".split())


@dataclass
class Row:
    """One line: a mark, a number, and what one actor did."""

    number: str
    actor: str
    cell: str
    racing: bool = False
    preempts: bool = False
    steps: list[Step] = field(default_factory=list)


def table(trace: Sequence[Step], segment: str | None, racing: Sequence[int]) -> list[str]:
    """The lines of the table, the heading first."""
    shown = [step for step in trace if _shown(step, segment, racing)]
    rows = _rows(shown, racing)
    concerned = {step.actor for step in shown}
    actors = [name for name in dict.fromkeys(step.actor for step in trace) if name in concerned]
    width = max(12, min(22, (WIDTH - _MARGIN) // max(1, len(actors)) - _GAP))
    lines = [
        " " * _MARGIN + "".join(f"{name[:width]:<{width + _GAP}}" for name in actors).rstrip(),
        "  ---" + "  " + (("-" * width + " " * _GAP) * len(actors)).rstrip(),
    ]
    for row in _at_most(rows):
        lines += _lines(row, actors, width)
    hidden = len(trace) - len(shown)
    if hidden:
        lines.append(f"  {hidden} steps that do not touch {segment or 'it'} are not shown")
    return [line[:WIDTH].rstrip() for line in lines]


def _shown(step: Step, segment: str | None, racing: Sequence[int]) -> bool:
    if step.index in racing or step.outcome in ("raised", "killed"):
        return True
    concerns = segment is None or segment in (step.segment, step.name)
    if step.operation in _QUIET:
        return concerns and not step.ok and step.name is not None
    if step.operation in _ORDERS or step.operation in SLEEPING:
        return True
    return concerns and (step.name is not None or step.segment is not None)


def _rows(steps: Sequence[Step], racing: Sequence[int]) -> list[Row]:
    rows: list[Row] = []
    for step in steps:
        cell = _cell(step)
        last = rows[-1] if rows else None
        if last is not None and last.actor == step.actor and last.cell == cell:
            last.steps.append(step)
            continue
        rows.append(
            Row(str(step.number), step.actor, cell, step.index in racing, step.preempts, [step])
        )
    return rows


def _at_most(rows: list[Row]) -> list[Row]:
    """The first and the last rows where there are too many, with a line between them."""
    if len(rows) <= MOST_ROWS:
        return rows
    half = MOST_ROWS // 2
    cut = len(rows) - 2 * half
    return [*rows[:half], Row("...", "", f"{cut} rows are not shown"), *rows[-half:]]


def _lines(row: Row, actors: list[str], width: int) -> list[str]:
    mark = "!" if row.racing else "~" if row.preempts else " "
    text = row.cell if len(row.steps) < 2 else f"{row.cell} x {len(row.steps)}"
    head = f"{mark} {row.number:>3}  "
    if row.actor not in actors:
        return [f"{head}{text}"]
    indent = " " * ((width + _GAP) * actors.index(row.actor))
    pieces = textwrap.wrap(text, width, break_long_words=True) or [""]
    lines = [f"{head}{indent}{pieces[0]}"]
    lines += [" " * _MARGIN + indent + piece for piece in pieces[1:]]
    return lines


def _cell(step: Step) -> str:
    what = step.name or step.segment or ""
    if step.operation == "end" and step.outcome == "raised":
        return f"raises {step.detail}"
    if step.operation == "kill":
        return f"KILLED {step.detail}"
    if step.operation == "size" and step.ok:
        return f"size {what} = {step.detail}"
    text = f"{step.operation} {what}".strip()
    if step.detail and step.operation in _ORDERS | {"wait"}:
        text += f" {step.detail}"
    if step.outcome == "ENOENT":
        return f"{text}: GONE" if step.name else f"{text}: ENOENT"
    if not step.ok:
        return f"{text}: {step.outcome}"
    return text
