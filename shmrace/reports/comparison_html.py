"""A comparison as one self-contained HTML file: the table, and each failing cell's report."""

from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment

from shmrace.compare import Cell
from shmrace.identical import Compared
from shmrace.reports import comparison as plain
from shmrace.reports import text


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
    return _rendered(columns=columns, rows=rows, ranks=ranks, report=text.report)


def side_by_side(compared: Sequence[Compared]) -> str:
    """Baselines and candidates; ends with a line feed."""
    return _rendered(pairs=[(names, plain.pair(one, names)) for one, names in compared])


def _rendered(**values: object) -> str:
    template = files("shmrace.reports").joinpath("comparison.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(**values) + "\n"
