"""The command `shmrace`: its subcommands, and how errors are reported.

Exit status: 0 pass, 1 a finding, 2 bad input, 3 inconclusive.  An error is one line on standard
error; a fault of shmrace itself is a traceback and a line, and no verdict.
"""

import importlib
import sys
import traceback

import click

from shmrace.errors import GateError, UsageError
from shmrace.linux import unsupported
from shmrace.linux.process import interrupted_by_sigterm

PASS, FINDING, USAGE, INCONCLUSIVE = 0, 1, 2, 3
EXIT_STATUS = {"pass": PASS, "fail": FINDING, "inconclusive": INCONCLUSIVE}

_COMMANDS = {
    "explore": "explore", "replay": "replay", "compare": "compare", "list": "listing",
    "doctor": "doctor", "bench": "bench",
}  # fmt: skip
"""The module of each command."""


class _Commands(click.Group):
    """Imports a command only when it is run: `doctor` must work on machines where others do not."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return ["doctor"] if unsupported.reason() else list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        if unsupported.reason() and cmd_name != "doctor":
            raise GateError(unsupported.reason())
        module = importlib.import_module(f"shmrace.cli.{_COMMANDS[cmd_name]}")
        found = module.command
        assert isinstance(found, click.Command)
        return found


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 98}
)
@click.version_option(package_name="shmrace")
def cli() -> None:
    """Find, show and replay races in the lifecycle of shared-memory segments.

    \b
    shmrace list                                the scenarios that shmrace carries
    shmrace explore sglang-deferred --ranks 3   find a race, and shrink it
    shmrace replay sglang-deferred TOKEN        run a finding again
    shmrace explore my_test.py:MyScenario       your own code
    shmrace compare                             which unlink strategy is correct
    shmrace doctor                              what this machine allows

    Exit status: 0 pass, 1 a finding, 2 bad input, 3 inconclusive.
    """


def main(arguments: list[str] | None = None) -> int:
    """Run the command, and return its exit status.  SIGTERM ends it as Ctrl-C does."""
    with interrupted_by_sigterm():
        return _run(arguments)


def _run(arguments: list[str] | None) -> int:
    try:
        result = cli.main(arguments, prog_name="shmrace", standalone_mode=False)
        return EXIT_STATUS.get(result, PASS) if isinstance(result, str) else PASS
    except UsageError as error:
        return _complain(str(error), USAGE)
    except click.exceptions.Abort:
        return _complain("interrupted", INCONCLUSIVE)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return USAGE
    except click.ClickException as error:
        return _complain(error.format_message(), USAGE)
    except KeyboardInterrupt:
        return _complain("interrupted", INCONCLUSIVE)
    except GateError as error:
        return _complain(str(error), INCONCLUSIVE)
    except Exception:
        traceback.print_exc()
        return _complain("no verdict: this is a fault of shmrace itself", INCONCLUSIVE)


def _complain(text: str, status: int) -> int:
    print(f"shmrace: {' '.join(text.split())}", file=sys.stderr)
    return status
