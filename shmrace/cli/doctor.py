"""`shmrace doctor`: check what this machine allows, and show it as a table or as JSON."""

import dataclasses
import json
import sys

import click
from rich.console import Console
from rich.table import Table

from shmrace.tools import doctor


@click.command("doctor", short_help="Check what this machine allows.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="The format of the report.",
)  # fmt: skip
def command(form: str) -> str:
    """Check what shmrace needs on this machine; say what does not work, and how to allow it.

    Exit status 3 means that nothing can be explored on this machine.
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
