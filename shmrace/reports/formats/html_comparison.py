"""A comparison as one self-contained HTML file.

It shows the table, and for each failing cell the timeline of its simplest finding.
"""

from collections.abc import Sequence

from shmrace.compare.grid import Cell
from shmrace.compare.pair import Compared, Comparison
from shmrace.reports.formats import text_comparison
from shmrace.reports.formats.html import Shown, shown
from shmrace.reports.formats.html_page import rendered

_MOST_ROWS = 60  # of a timeline: there may be one for each cell


def table(cells: Sequence[Cell]) -> str:
    """All cells; ends with a line feed."""
    columns = list(dict.fromkeys((one.handover.transport, one.handover.wire) for one in cells))
    rows = {
        lifecycle: {
            (cell.handover.transport, cell.handover.wire): cell
            for cell in cells
            if cell.handover.lifecycle == lifecycle
        }
        for lifecycle in dict.fromkeys(cell.handover.lifecycle for cell in cells)
    }
    ranks = sorted({cell.handover.ranks for cell in cells})
    failing = any(cell.kinds for cell in cells)
    return rendered(
        "comparison.html",
        columns=columns,
        rows=rows,
        ranks=ranks,
        failing=failing,
        behind=_behind,
    )


def side_by_side(compared: Sequence[Compared]) -> str:
    """Baselines and candidates; ends with a line feed."""
    pairs = [(names, text_comparison.pair(one, names), _new(one)) for one, names in compared]
    return rendered("comparison.html", pairs=pairs)


def _behind(cell: Cell) -> Shown:
    """The simplest finding of a failing cell."""
    findings = cell.verdict.findings
    finding = min(findings, key=lambda one: (one.preemptions, one.first_line))
    return shown(cell.verdict, finding, _MOST_ROWS)


def _new(comparison: Comparison) -> list[Shown]:
    """The findings of kinds that only the candidate has."""
    return [shown(comparison.candidate, one, _MOST_ROWS) for one in comparison.new]
