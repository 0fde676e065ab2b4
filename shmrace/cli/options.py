"""Options that commands share: the target, its parameters, and the output of the report."""

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from shmrace.errors import UsageError
from shmrace.model.verdict import Verdict
from shmrace.reports import FORMATS
from shmrace.reports.formats import markdown
from shmrace.reports.formats.text import report
from shmrace.scenario import loading
from shmrace.scenario.base import Scenario

Command = Callable[..., Any]


def target(command: Command) -> Command:
    """Add TARGET, --ranks and --set to a command."""
    command = click.option(
        "--set", "settings", multiple=True, metavar="NAME=VALUE",
        help="Set a parameter of the scenario, as in --set shape=3,1080,1920.",
    )(command)  # fmt: skip
    command = click.option("--ranks", metavar="N", help="The number of ranks, as --set ranks=N.")(
        command
    )
    return click.argument("target")(command)


def output(command: Command) -> Command:
    """Add --format and -o to a command."""
    command = click.option(
        "-o", "--output", metavar="FILE", help="Write the report to FILE, not to the terminal."
    )(command)
    return click.option(
        "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True,
        help="The format of the report.",
    )(command)  # fmt: skip


def scenario(target: str, ranks: str | None, settings: tuple[str, ...]) -> Scenario:
    """The scenario that the options describe; raises `UsageError` if they are invalid."""
    given = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--set {text!r} is not of the form NAME=VALUE, as in --set ranks=3")
        given[name] = value
    if ranks is not None:
        given["ranks"] = ranks
    return loading.with_settings(loading.load(target), given)


def full(command: Command) -> Command:
    """Add --full to a command."""
    return click.option(
        "--full", is_flag=True,
        help="Show every step, every frame and every printed line in the text.",
    )(command)  # fmt: skip


def show(verdict: Verdict, form: str, output: str | None, full: bool = False) -> None:
    """Print the report, or write it to a file, and add it to the summary of a CI job.

    Raises `UsageError` if the file cannot be written.
    """
    write(report(verdict, full) if full else FORMATS[form](verdict), output)
    summarise(markdown.report(verdict))


def summarise(text: str) -> None:
    """In a CI job, add Markdown to its summary; if that fails, say so on standard error."""
    try:
        markdown.append_to_summary(text)
    except OSError as error:
        print(f"shmrace: GITHUB_STEP_SUMMARY: {error.strerror}", file=sys.stderr)


def write(text: str, output: str | None) -> None:
    """Print a text, or write it to a file.  Raises `UsageError` if the file cannot be written."""
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        with open(output, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"-o {output}: {os.strerror(error.errno or 0)}") from None


def check_full(full: bool, form: str) -> None:
    """Raise `UsageError` for --full with a format that always shows everything."""
    if full and form != "text":
        raise UsageError(f"--full needs the format text: --format {form} shows everything anyway")


def check_writable(output: str | None) -> None:
    """Raise `UsageError` before the search if the folder of -o does not exist."""
    if output is not None and not os.path.isdir(os.path.dirname(output) or "."):
        raise UsageError(f"-o {output}: there is no folder {os.path.dirname(output)}")
