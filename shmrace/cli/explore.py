"""`shmrace explore`: search a scenario, with a line of progress on a terminal."""

import click

from shmrace.api.regressions import key_of, of_user, regression_first
from shmrace.cli import options, progress
from shmrace.errors import UsageError
from shmrace.explorers import EXPLORERS
from shmrace.judgement.verdict import subject_of
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search


@click.command("explore", short_help="Search a scenario's schedules for a race.")
@options.target
@click.option(
    "--explorer", default="dpor", show_default=True, metavar="NAME",
    help=f"The algorithm that chooses the schedules: {', '.join(EXPLORERS)}.",
)  # fmt: skip
@click.option(
    "--budget", default="60s", show_default=True, metavar="LIMIT",
    help="When to stop: a time (60s, 5m) or a number ('500 executions'); for the explorer bounded"
    " also a bound on each schedule ('2 preemptions', '3 delays').",
)  # fmt: skip
@click.option("--seed", type=int, default=0, help="The seed of explorers that draw at random.")
@click.option(
    "--fault", "faults", multiple=True, metavar="FAULT",
    help="A fault that may strike, as in --fault 'kill@rank*'; may be repeated.",
)  # fmt: skip
@click.option(
    "--max-faults", type=click.IntRange(min=1), default=None, metavar="N",
    help="How many faults may strike in one execution.  [default: 1]",
)  # fmt: skip
@click.option(
    "--keep-going", is_flag=True, help="Search on after the first finding; group findings by cause."
)
@click.option(
    "--forget", is_flag=True, help="Forget the finding of an earlier run; do not replay it first."
)
@options.full
@options.output
def command(
    target: str, ranks: str | None, settings: tuple[str, ...], explorer: str, budget: str,
    seed: int, faults: tuple[str, ...], max_faults: int | None, keep_going: bool, forget: bool,
    full: bool, form: str, output: str | None,
) -> str:  # fmt: skip
    """Search the schedules of TARGET for one in which a rank misses a segment, a segment is
    unlinked twice, or a segment is leaked.

    TARGET is a name that `shmrace list` shows, path/to/file.py:Class, or package.module:Class.
    The search ends at its first finding.  The finding is shrunk to the simplest schedule, and shown
    with a line that replays it.  The default explorer, dpor, is exhaustive: if it ends without a
    finding, every distinct schedule was run.

    A finding is kept in the user's cache.  The next run replays it first, until it passes.  Ctrl-C
    ends the search, and shows what it has found so far.
    """
    if max_faults is not None and not faults:
        raise UsageError("--max-faults needs --fault")
    options.check_full(full, form)
    options.check_writable(output)
    asked = SearchOptions.parse(
        explorer=explorer, budget=budget, faults=faults, max_faults=max_faults, seed=seed,
        keep_going=keep_going,
    )  # fmt: skip
    with progress.line(asked.budget) as watcher:
        scenario = options.scenario(target, ranks, settings)
        subject = subject_of(scenario, target)
        search = Search(scenario, asked, subject, watcher, interruptible=True)
        saved = of_user()
        key = key_of(scenario, asked)
        if forget:
            saved.drop(key)
        if keep_going:
            verdict = search.run()
        else:
            verdict = regression_first(saved, key, scenario, subject, search.run)
    options.show(verdict, form, output, full)
    return verdict.status
