"""`shmrace replay`: run one execution from the token of a finding."""

import click

from shmrace.api.replay import debug, replay, subject_of_token
from shmrace.cli import options
from shmrace.model import token
from shmrace.scenario import loading


@click.command("replay", short_help="Run the execution of a token.")
@click.argument("target")
@click.argument("word", metavar="TOKEN")
@click.option(
    "--pdb", "actor", metavar="ACTOR",
    help="First run it with this actor in the debugger: at its breakpoint(), and where it raises.",
)  # fmt: skip
@options.full
@options.output
def command(
    target: str, word: str, actor: str | None, full: bool, form: str, output: str | None
) -> str:
    """Run the execution of TOKEN, which belongs to TARGET, and show it.

    The token holds the parameters and the decisions.  Exit status 1: the code still fails; 0: it
    passes now; 3: it takes other steps than when the token was made, and passes.
    """
    given = token.parse(word)
    options.check_full(full, form)
    options.check_writable(output)
    scenario = loading.load(target)
    if actor is not None:
        debug(scenario, word, actor)
    verdict = replay(scenario, word, subject_of_token(scenario, given, target))
    options.show(verdict, form, output, full)
    return verdict.status
