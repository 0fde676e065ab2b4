"""`shmrace doctor`: what this machine allows, as a table or as JSON."""

import dataclasses
import json
import sys

import click
from rich.console import Console
from rich.table import Table

from shmrace.tools import doctor


@click.command("doctor", short_help="Tell what this machine allows.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="How to show it.",
)  # fmt: skip
def command(form: str) -> str:
    """Try what shmrace needs on this machine; say what is lost with each no, and what to do.

    Exit status 3 if nothing can be explored here.
    """
    found = list(doctor.checks())
    if form == "json":
        sys.stdout.write(json.dumps([dataclasses.asdict(one) for one in found], indent=2) + "\n")
    else:
        _show(found)
    return "pass" if all(one.allowed for one in found if one.needed) else "inconclusive"


def _show(found: list[doctor.Check]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for one in found:
        table.add_row("ok" if one.allowed else "NO", one.name, one.found)
    console = Console(soft_wrap=True, highlight=False)
    console.print(table)
    for one in found:
        if not one.allowed:
            console.print(f"\n{one.name}: {one.found}", markup=False)
            console.print(f"  lost   {one.lost}", markup=False)
            console.print(f"  to do  {one.advice}", markup=False)
