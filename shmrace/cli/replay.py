"""`shmrace replay`: one execution, from the token of a finding."""

import sys

import click

from shmrace import catalogue, token
from shmrace.cli import options
from shmrace.explore import differing, named, run
from shmrace.trace import fingerprint


@click.command("replay", short_help="Run the execution that a token stands for.")
@click.argument("target")
@click.argument("word", metavar="TOKEN")
@options.output
def command(target: str, word: str, form: str, output: str | None) -> str:
    """Run the execution of TARGET that TOKEN stands for, and show it.

    The token holds the parameters and the decisions.  Exit status 1: the finding is there; 0: the
    code passes now; 3: the code no longer takes the steps that the token was made from, and passes.
    """
    given = token.parse(word)
    options.check_writable(output)
    execution = run(catalogue.load(target), word)
    verdict = named(execution, target)
    if fingerprint(execution.trace[: given.length]) != given.fingerprint:
        verdict = differing(verdict)
        print("shmrace: the code takes other steps than when this token was made", file=sys.stderr)
    options.show(verdict, form, output)
    return verdict.status
