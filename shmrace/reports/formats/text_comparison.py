"""A comparison as text: the table of lifecycles and transports, failures, prices, differences.

Pure ASCII, at most 100 columns.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from shmrace.compare.grid import Cell
from shmrace.compare.pair import Compared, Comparison, Divergence
from shmrace.model.trace import Step

_WIDTH = 100
_BEFORE, _BEHIND = 6, 8  # rows that are shown before and behind a divergence
_MARKS = {"pass": "ok", "fail": "FAIL", "inconclusive": "?"}


def table(cells: Sequence[Cell]) -> str:
    """All cells; ends with a line feed."""
    columns = list(dict.fromkeys(_over(cell) for cell in cells))
    by_place = {(cell.handover.lifecycle, _over(cell)): cell for cell in cells}
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("", no_wrap=True)
    for column in columns:
        grid.add_column(column.replace("-", "-\n").replace("/", "/\n"), overflow="fold")
    for lifecycle in dict.fromkeys(cell.handover.lifecycle for cell in cells):
        found = [by_place.get((lifecycle, column)) for column in columns]
        grid.add_row(lifecycle, *(_mark(cell) for cell in found))
    ranks = ", ".join(str(one) for one in sorted({cell.handover.ranks for cell in cells}))
    lines = [
        f"{ranks} ranks; in each cell how many schedules differ in effect"
        " (+: there are more, *: see assumes)",
        "",
        *_printed(grid),
        *_failing(cells),
        *_prices(cells),
        *_assumes(cells),
        *_unclear(cells),
    ]
    return "\n".join(lines) + "\n"


def side_by_side(compared: Sequence[Compared]) -> str:
    """Baselines and candidates, one after the other; ends with a line feed."""
    return "\n".join(pair(comparison, names) for comparison, names in compared)


def pair(comparison: Comparison, names: tuple[str, str]) -> str:
    """A baseline and a candidate; ends with a line feed."""
    width = max(map(len, names))
    lines = []
    verdicts = (comparison.baseline, comparison.candidate)
    for what, name, verdict in zip(("baseline", "candidate"), names, verdicts, strict=True):
        kinds = ", ".join(dict.fromkeys(finding.kind for finding in verdict.findings))
        said = kinds or verdict.reason or ("all of them" if verdict.complete else "some of them")
        lines.append(
            f"  {what:<10} {name:<{width}}  {_MARKS[verdict.status]:<4}"
            f"  {verdict.trace_classes:>4} different schedules   {said}"
        )
    lines.append(
        f"  {comparison.schedules} schedules were run on both; {comparison.differ} of them end"
        " differently"
    )
    if comparison.new:
        lines.insert(0, f"{comparison.new[0].first_line}")
        lines += ["", f"  The candidate {names[1]} has findings that the baseline has not:"]
        lines += [f"    {finding.first_line}" for finding in comparison.new]
        lines += [f"  REPLAY  {_replay(finding.token)}" for finding in comparison.new[:1]]
    else:
        lines.insert(0, f"{names[1]} has no finding that {names[0]} has not")
    if comparison.divergence is not None:
        lines += ["", *_divergence(comparison.divergence, names)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _over(cell: Cell) -> str:
    wire = cell.handover.wire
    return cell.handover.transport + (f"/{wire}" if wire != "simulated" else "")


def _mark(cell: Cell | None) -> str:
    if cell is None:
        return ""
    verdict = cell.verdict
    more = "" if verdict.complete or verdict.status == "inconclusive" else "+"
    return f"{_MARKS[verdict.status]} {verdict.trace_classes}{more}{'*' if verdict.assumes else ''}"


def _printed(grid: Table) -> list[str]:
    console = Console(width=_WIDTH, no_color=True, highlight=False, legacy_windows=False)
    with console.capture() as capture:
        console.print(grid)
    return [line.rstrip() for line in capture.get().splitlines()]


def _failing(cells: Sequence[Cell]) -> list[str]:
    """A line for each failing cell: its kinds and preemptions; and how to replay the first."""
    grid = Table(box=None, pad_edge=False)
    for heading in ("fails", "over", "kinds of finding", "preemptions"):
        grid.add_column(heading, justify="right" if heading == "preemptions" else "left")
    failing = [cell for cell in cells if cell.verdict.status == "fail"]
    for cell in failing:
        kinds = ", ".join(cell.kinds)
        grid.add_row(cell.handover.lifecycle, _over(cell), kinds, str(cell.preemptions))
    if not failing:
        return []
    first = failing[0]
    return ["", *_printed(grid), "", f"REPLAY the first  {_replay(first.token)}"]


def _replay(token: str) -> str:
    return f"shmrace replay shmrace.compare.handover:Handover {token}"


def _prices(cells: Sequence[Cell]) -> list[str]:
    """The price of each lifecycle over the first transport for which one is known."""
    grid = Table(box=None, pad_edge=False)
    for heading in ("price", "over", "bytes copied", "segments at once", "system calls"):
        grid.add_column(heading, justify="left" if heading in ("price", "over") else "right")
    for lifecycle in dict.fromkeys(cell.handover.lifecycle for cell in cells):
        for cell in cells:
            price = cell.price
            if cell.handover.lifecycle == lifecycle and price is not None:
                copied = f"{price.bytes_copied / price.payload:.1f} x payload"
                calls = str(price.system_calls)
                grid.add_row(lifecycle, _over(cell), copied, str(price.segments_at_once), calls)
                break
    return ["", *_printed(grid)] if grid.rows else []


def _assumes(cells: Sequence[Cell]) -> list[str]:
    found: dict[str, list[str]] = {}
    for cell in cells:
        if cell.verdict.assumes:
            found.setdefault(", ".join(cell.verdict.assumes), []).append(cell.handover.lifecycle)
    return [
        line
        for assumed, lifecycles in found.items()
        for line in ("", f"* assumes {assumed}: {', '.join(dict.fromkeys(lifecycles))}")
    ]


def _unclear(cells: Sequence[Cell]) -> list[str]:
    return [
        f"? {cell.handover.lifecycle} over {_over(cell)}: {cell.verdict.reason}"[:_WIDTH]
        for cell in cells
        if cell.verdict.status == "inconclusive"
    ]


def _divergence(found: Divergence, names: tuple[str, str]) -> list[str]:
    half = (_WIDTH - 10) // 2 - 1
    lines = [
        f"  FIRST DIVERGENCE   in the schedule {list(found.schedule.decisions)}",
        f"  {'step':>4}  {names[0]:<{half}} {names[1]:<{half}}".rstrip(),
    ]
    first = max(0, found.place - _BEFORE)
    last = min(max(len(found.baseline), len(found.candidate)), found.place + _BEHIND)
    if first:
        lines.append(f"  {first} steps before are the same")
    for place in range(first, last):
        mark = "!" if place == found.place else " "
        left, right = (_step(one, place) for one in (found.baseline, found.candidate))
        lines.append(f"{mark} {place + 1:>4}  {left[:half]:<{half}} {right[:half]}".rstrip())
    ends = [outcome or "no finding" for outcome in found.outcomes]
    lines += [f"  ends with   {names[0]}: {ends[0]}", f"              {names[1]}: {ends[1]}"]
    return lines


def _step(steps: Sequence[Step], place: int) -> str:
    if place >= len(steps):
        return ""
    step = steps[place]
    what = f"{step.actor} {step.operation} {step.name or step.segment or ''}".rstrip()
    return what if step.ok else f"{what}: {step.outcome}"
