"""`shmrace list`: the scenarios that shmrace carries."""

import click
from rich.console import Console
from rich.table import Table

from shmrace.scenario import loading


@click.command("list", short_help="List the scenarios that shmrace carries.")
def command() -> None:
    """List the scenarios that shmrace carries, each a public bug or its fix."""
    table = Table(box=None, pad_edge=False)
    table.add_column("scenario", no_wrap=True)
    table.add_column("what it is")
    for entry in loading.entries():
        table.add_row(entry.name, entry.title)
    Console(width=None).print(table)
    click.echo("\nExplore one with: shmrace explore NAME --ranks 3")
