"""The progress of a search: one line on a terminal, which is removed when the search is over.

The line shows the time even while a long execution runs.  Nothing is written if standard error is
not a terminal, or in a CI job.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner

from shmrace.model.prose import counted
from shmrace.search.budget import Budget
from shmrace.search.progress import Progress, Watcher


def wanted() -> bool:
    """Is standard error a terminal, and not that of a CI job?"""
    return sys.stderr.isatty() and not os.environ.get("CI")


@contextlib.contextmanager
def line(budget: Budget, about: str = "") -> Iterator[Watcher]:
    """A block that shows the line; it gives the watcher for a search.  `about` begins the line."""
    if not wanted():
        yield lambda progress: None
        return
    told: list[Progress] = []
    spinner = Spinner("dots")
    started = time.monotonic()

    def show() -> Spinner:
        elapsed = time.monotonic() - started
        spinner.update(text=about + (said(told[-1], budget, elapsed) if told else "loading"))
        return spinner

    console = Console(stderr=True)
    with Live(get_renderable=show, console=console, transient=True, refresh_per_second=5):
        yield lambda progress: told.__setitem__(slice(None), [progress])


def said(progress: Progress, budget: Budget, elapsed: float) -> str:
    """As in "exploring  1,204 executions, 84 distinct  310 a second  0 findings  4 s, at most 56 s
    left"; `elapsed` in seconds."""
    rate = progress.executions / progress.elapsed if progress.elapsed else 0.0
    parts = [
        progress.doing + (f", step {progress.steps:,}" if progress.steps else ""),
        f"{counted(progress.executions, 'execution')}, {progress.trace_classes:,} distinct",
        f"{rate:,.0f} a second",
        counted(progress.findings, "finding"),
    ]
    left = time_left(progress, budget)
    parts.append(
        f"{elapsed:,.0f} s" + (f", at most {left:,.0f} s left" if left is not None else "")
    )
    return "  ".join(parts)


def time_left(progress: Progress, budget: Budget) -> float | None:
    """Seconds until the budget is used up; None if they are not known."""
    found = []
    if budget.seconds is not None:
        found.append(budget.seconds - progress.elapsed)
    if budget.executions is not None and progress.executions:
        each = progress.elapsed / progress.executions
        found.append((budget.executions - progress.executions) * each)
    return max(min(found), 0.0) if found and progress.doing == "exploring" else None
