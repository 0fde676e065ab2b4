"""`shmrace compare`: a table of lifecycles and transports, or two lifecycles on equal schedules."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shmrace.cli import options, progress
from shmrace.compare.lifecycles import LIFECYCLES, SLOW
from shmrace.compare.transports import TRANSPORTS, WIRES
from shmrace.errors import UsageError
from shmrace.reports.formats import markdown
from shmrace.scenario import extras
from shmrace.search.options import Detail, SearchOptions

if TYPE_CHECKING:  # these import torch, which --help does not need
    from shmrace.compare.grid import Cell, Told
    from shmrace.compare.handover import Handover
    from shmrace.compare.pair import Compared

_FORMS = {"text": "text_comparison", "json": "json_comparison", "html": "html_comparison"}
"""The module in reports.formats of each format."""


@click.command("compare", short_help="Compare unlink strategies over transports.")
@click.argument("lifecycles", nargs=-1, metavar="[LIFECYCLE]...")
@click.option(
    "--transport", "transports", multiple=True, metavar="TRANSPORT",
    help=f"A transport ({', '.join(TRANSPORTS)}); a transport with its wire, as in relay/gloo; or a"
    f" wire ({', '.join(WIRES)}) for all transports. May be repeated.  [default: all, simulated]",
)  # fmt: skip
@click.option("--ranks", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--baseline", metavar="LIFECYCLE", help="Run identical schedules on this ...")
@click.option("--candidate", metavar="LIFECYCLE", help="... and on this, over each transport.")
@click.option(
    "--budget", default="5m", show_default=True, metavar="LIMIT", help="When to stop each cell."
)
@click.option("--fault", "faults", multiple=True, metavar="FAULT", help="As in explore.")
@click.option(
    "--max-faults", type=click.IntRange(min=1), default=None, metavar="N",
    help="How many faults may strike in one execution.  [default: 1]",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(min=0), default=0,
    help="How many cells to search at a time; 0: one for each core.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(list(_FORMS)), default="text", show_default=True,
    help="The format of the report.",
)  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write it to FILE, not to the terminal.")
def command(
    lifecycles: tuple[str, ...], transports: tuple[str, ...], ranks: int, baseline: str | None,
    candidate: str | None, budget: str, faults: tuple[str, ...], max_faults: int | None,
    jobs: int,
    form: str, output: str | None,
) -> str:  # fmt: skip
    """Explore each LIFECYCLE over each transport, and show a table.

    A lifecycle says which process unlinks a segment, and when.  A transport says how the handle of
    the segment gets to the ranks.  Without LIFECYCLE, all are compared but PyTorch's own.

    \b
    shmrace compare                                        all over all, simulated
    shmrace compare torch-file-descriptor --ranks 2        one of PyTorch's own
    shmrace compare deferred owner-unlinks --ranks 2       two of them
    shmrace compare --transport gloo                       over real gloo and ZMQ
    shmrace compare --baseline eager --candidate deferred --transport fan-out

    Exit status 1 means a finding; with --candidate, a kind that the baseline does not have.  Ctrl-C
    shows the cells that are done.
    """
    with extras.needed_by("shmrace compare"):
        from shmrace.compare import grid

    over = _transports(transports)
    search = SearchOptions.parse(
        budget=budget, faults=faults, max_faults=max_faults, keep_going=True, detail=Detail.SHRUNK
    )
    options.check_writable(output)
    if (baseline is None) != (candidate is None):
        raise UsageError("--baseline and --candidate need each other: give both")
    if baseline is not None and candidate is not None:
        if lifecycles:
            raise UsageError("give either lifecycles, or --baseline and --candidate, not both")
        return _two(baseline, candidate, over, ranks, search, form, output)
    wanted = grid.handovers(
        lifecycles or tuple(one for one in LIFECYCLES if one not in SLOW), over, ranks
    )
    works = [grid.Work(one, search) for one in wanted]
    cells: list[Cell] = []
    with _until_interrupted() as interrupted, _progress(len(works)) as told:

        def note(done: int, total: int, cell: Cell) -> None:
            cells.append(cell)
            told(done, total, cell)

        grid.cells(works, jobs, note)
    places = [repr(one) for one in wanted]
    cells.sort(key=lambda cell: places.index(repr(cell.handover)))
    statuses = [one.verdict.status for one in cells]
    if cells:
        options.summarise(markdown.table(cells))
    return _shown(_report(form).table, cells, statuses, output, interrupted)


def _two(
    baseline: str, candidate: str, over: Sequence[str], ranks: int, search: SearchOptions,
    form: str, output: str | None,
) -> str:  # fmt: skip
    from shmrace.compare import grid, pair

    pairs = zip(
        grid.handovers([baseline], over, ranks),
        grid.handovers([candidate], over, ranks),
        strict=True,
    )
    compared: list[Compared] = []
    with _until_interrupted() as interrupted:
        for first, second in pairs:
            names = _name(first), _name(second)
            with progress.line(search.budget, f"{names[1]} against {names[0]}: ") as watcher:
                found = pair.compare(first, second, search, watcher)
            compared.append((found, names))
    statuses = [found.status for found, _ in compared]
    if compared:
        options.summarise(markdown.side_by_side(compared))
    return _shown(_report(form).side_by_side, compared, statuses, output, interrupted)


def _report(form: str) -> Any:
    return importlib.import_module(f"shmrace.reports.formats.{_FORMS[form]}")


def _shown(
    present: Callable[[Any], str], done: Sequence[Any], statuses: Sequence[str],
    output: str | None, interrupted: Sequence[str],
) -> str:  # fmt: skip
    """Write what is done, and return the worst status; after Ctrl-C at best inconclusive."""
    if done or not interrupted:
        options.write(present(done), output)
    for why in interrupted:
        print(f"shmrace: {why}; the report shows the {len(done)} that are done", file=sys.stderr)
    return _worst([*statuses, *("inconclusive" for _ in interrupted)])


@contextlib.contextmanager
def _until_interrupted() -> Iterator[list[str]]:
    """A block that Ctrl-C ends; the list then holds the word "interrupted"."""
    said: list[str] = []
    try:
        yield said
    except KeyboardInterrupt:
        said.append("interrupted")


def _name(handover: Handover) -> str:
    return f"{handover.lifecycle} over {handover.transport}"


def _transports(asked: Sequence[str]) -> list[str]:
    """Texts for `grid.split`; a wire alone means all transports over it."""
    found: list[str] = []
    for text in asked or ("simulated",):
        names = [f"{name}/{text}" for name in TRANSPORTS] if text in WIRES else [text]
        found += [name for name in names if name not in found]
    return found


def _worst(statuses: Sequence[str]) -> str:
    return next((one for one in ("fail", "inconclusive") if one in statuses), "pass")


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Told]:
    """Show a progress bar on a terminal; elsewhere print a line for each tenth of the cells."""
    if not progress.wanted():
        yield _lines
        return
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)

        def update(done: int, total: int, cell: Cell) -> None:
            bar.update(task, completed=done, description=_name(cell.handover))

        yield update


def _lines(done: int, total: int, cell: Cell) -> None:
    if done * 10 // total > (done - 1) * 10 // total:
        print(f"{done} of {total} cells: {_name(cell.handover)}", file=sys.stderr, flush=True)
