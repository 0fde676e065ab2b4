"""`shmrace replay`: one execution, from the token of a finding."""

import dataclasses

import click

from shmrace import catalogue, token
from shmrace.cli import options
from shmrace.explore import replay


@click.command("replay", short_help="Run the execution that a token stands for.")
@click.argument("target")
@click.argument("word", metavar="TOKEN")
@options.output
def command(target: str, word: str, form: str, output: str | None) -> str:
    """Run the execution of TARGET that TOKEN stands for, and show it.

    The token holds the parameters and the decisions.  Exit status 1: the finding is there; 0: the
    code passes now; 3: the code no longer takes the steps that the token was made from, and passes.
    """
    token.parse(word)
    options.check_writable(output)
    verdict = dataclasses.replace(replay(catalogue.load(target), word), target=target)
    options.show(verdict, form, output)
    return verdict.status
