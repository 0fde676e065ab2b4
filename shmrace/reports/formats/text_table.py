"""The table of a report: a column for each actor, and time runs downwards.

`!` marks racing steps, `~` a preemption, `"` a printed line.  Steps that are left out are counted
below the table.  Pure ASCII, at most 100 columns.
"""

import textwrap
from collections.abc import Sequence

from shmrace.model.trace import Step
from shmrace.reports.formats import text_lines
from shmrace.reports.formats.text_lines import Line, shown

WIDTH = 100
MOST_ROWS = 40
_MARGIN = 7
_GAP = 2
_NARROWEST, _WIDEST = 11, 22


def table(
    trace: Sequence[Step], segment: str | None, racing: Sequence[int], full: bool = False,
    left: str = "", hint: str = "",
) -> list[str]:  # fmt: skip
    """The lines of the table, the heading first.

    `left` says what is left after the execution; `hint` says how to show hidden steps.
    """
    found = text_lines.lines(trace, segment, racing, full)
    concerned = {row.actor for row in found}
    actors = [name for name in dict.fromkeys(step.actor for step in trace) if name in concerned]
    columns = actors if full else _at_most(actors, found)
    inside = [row for row in found if row.actor in columns]
    width = max(_NARROWEST, min(_WIDEST, (WIDTH - _MARGIN) // max(1, len(columns)) - _GAP))
    lines = [
        " " * _MARGIN + "".join(f"{name[:width]:<{width + _GAP}}" for name in columns).rstrip(),
        "  ---" + "  " + (("-" * width + " " * _GAP) * len(columns)).rstrip(),
    ]
    for row in inside if full else _few(inside):
        lines += _lines(row, columns, width)
    if left:
        lines.append(f"  end  {left}")
    if not full:
        hidden = _hidden(trace, segment, racing, [one for one in actors if one not in columns])
        lines = [line[:WIDTH] for line in lines]
        lines += _below(f"hidden: {hidden}{hint}") if hidden else []
    return [line.rstrip() for line in lines]


def _at_most(actors: Sequence[str], found: Sequence[Line]) -> list[str]:
    """As many actors as fit; racing ones come first, then others whose rows matter."""
    most = (WIDTH - _MARGIN) // (_NARROWEST + _GAP)
    if len(actors) <= most:
        return list(actors)
    racing = {row.actor for row in found if row.racing}
    matter = {row.actor for row in found if row.matters}
    ranked = sorted(actors, key=lambda one: (one not in racing, one not in matter))
    return [one for one in actors if one in ranked[:most]]


def _few(found: list[Line]) -> list[Line]:
    """At most 40 rows: those that matter, the nearest to them, and a line for each gap."""
    steps = [place for place, row in enumerate(found) if not row.printed]
    if len(steps) <= MOST_ROWS:
        return found
    marks = [place for place in steps if found[place].matters] or steps[-1:]
    by_distance = sorted(
        steps, key=lambda place: (min(abs(place - mark) for mark in marks), -place)
    )
    kept = {*by_distance[:MOST_ROWS], *(at for at, row in enumerate(found) if row.printed)}
    few: list[Line] = []
    gap = 0
    for place, row in enumerate(found):
        if place in kept:
            few += [_gap(gap)] if gap else []
            gap = 0
            few.append(row)
        else:
            gap += 1
    return few + ([_gap(gap)] if gap else [])


def _gap(rows_left_out: int) -> Line:
    return Line("...", "", f"{rows_left_out} rows are not shown")


def _hidden(
    trace: Sequence[Step], segment: str | None, racing: Sequence[int], columns: Sequence[str]
) -> str:
    """What the table leaves out, in words."""
    others = elsewhere = 0
    for step in trace:
        if not shown(step, segment, racing):
            on = step.segment or step.name
            other = None not in (on, segment) and on != segment
            elsewhere += other
            others += not other
    said = [f"{elsewhere} steps on other segments"] if elsewhere else []
    said += [f"{others} steps without effect on others"] if others else []
    said += [f"what {', '.join(columns)} did"] if columns else []
    return "; ".join(said)


def _below(text: str) -> list[str]:
    """A text under the table, broken into lines."""
    return textwrap.wrap(
        text, WIDTH - 2, initial_indent="  ", subsequent_indent=" " * 10, break_on_hyphens=False
    )


def _lines(row: Line, columns: Sequence[str], width: int) -> list[str]:
    mark = "!" if row.racing else "~" if row.preempts else " "
    head = f"{mark} {row.number:>3}  "
    if row.actor not in columns:
        return [f"{head}{row.text}"]
    indent = " " * ((width + _GAP) * columns.index(row.actor))
    room = WIDTH - _MARGIN - len(indent) if row.printed else width
    pieces = textwrap.wrap(row.text, max(room, width), break_long_words=True) or [""]
    lines = [f"{head}{indent}{pieces[0]}"]
    lines += [" " * _MARGIN + indent + piece for piece in pieces[1:]]
    return lines
