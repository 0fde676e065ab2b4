"""`shmrace bench`: measure the costs of shmrace on this machine."""

import click
from rich.console import Console
from rich.table import Table

from shmrace.tools import bench


@click.command("bench", short_help="Measure the costs of shmrace on this machine.")
@click.option(
    "--seconds", type=click.FloatRange(min=0.1), default=5.0, show_default=True,
    help="How many seconds to measure each rate.",
)  # fmt: skip
def command(seconds: float) -> None:
    """Measure the time of a gate and the executions per second on this machine."""
    table = Table(box=None, pad_edge=False)
    table.add_column("what", no_wrap=True)
    table.add_column("figure", justify="right")
    table.add_column("")
    for figure in bench.figures(seconds):
        table.add_row(figure.what, f"{figure.value:,.1f}", figure.unit)
    Console(soft_wrap=True).print(table)
