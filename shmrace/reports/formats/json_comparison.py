"""A comparison as JSON.  Later versions may add keys, but do not rename any."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from shmrace.compare.grid import Cell
from shmrace.compare.pair import Compared, Comparison
from shmrace.reports.formats.json import as_data


def table(cells: Sequence[Cell]) -> str:
    """All cells; ends with a line feed."""
    return json.dumps({"cells": [_cell(cell) for cell in cells]}, indent=2) + "\n"


def side_by_side(compared: Sequence[Compared]) -> str:
    """Baselines and candidates; ends with a line feed."""
    data = {"comparisons": [_pair(comparison, names) for comparison, names in compared]}
    return json.dumps(data, indent=2, default=repr) + "\n"


def _pair(comparison: Comparison, names: tuple[str, str]) -> dict[str, Any]:
    divergence = comparison.divergence
    return {
        "status": comparison.status,
        "baseline": {"name": names[0], **as_data(comparison.baseline)},
        "candidate": {"name": names[1], **as_data(comparison.candidate)},
        "schedules": comparison.schedules,
        "differ": comparison.differ,
        "new": [
            {"kind": one.kind, "message": one.message, "token": one.token} for one in comparison.new
        ],
        "divergence": divergence
        and {
            "schedule": list(divergence.schedule.decisions),
            "step": divergence.place + 1,
            "outcomes": list(divergence.outcomes),
        },
    }


def _cell(cell: Cell) -> dict[str, Any]:
    verdict, handover = cell.verdict, cell.handover
    return {
        "lifecycle": handover.lifecycle,
        "transport": handover.transport,
        "wire": handover.wire,
        "ranks": handover.ranks,
        "status": verdict.status,
        "complete": verdict.complete,
        "assumes": list(verdict.assumes),
        "executions": verdict.executions,
        "trace_classes": verdict.trace_classes,
        "kinds": list(cell.kinds),
        "preemptions": cell.preemptions,
        "token": cell.token,
        "reason": verdict.reason,
        "start": verdict.start,
        "note": verdict.note,
        "elapsed_s": round(verdict.elapsed, 3),
        "price": asdict(cell.price) if cell.price is not None else None,
    }
