"""`python -m tests`: lint, layout, types and tests, one after the other."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence

from tests.support import pythons
from tests.support.correct_programs import command as correct
from tests.support.kills import command as kills
from tests.support.mutants import run as mutants
from tests.support.random_programs import command as differential
from tests.support.random_programs import reports_command as reports

USAGE = """\
python -m tests [fast] [OPTION OR PATH OF PYTEST]...

Runs lint (ruff check), layout (ruff format --check), types (mypy) and tests (pytest, a worker on
each core), one after the other, and stops at the first that fails.

  python -m tests                   everything, as CI does: about twelve minutes
  python -m tests fast              lint, layout, types, layers and tests/unit: under a minute
  python -m tests fast -k token     of tests/unit, what -k selects
  python -m tests tests/gate        one folder of tests
  python -m tests -m reference      larger instances of what is counted each time
  python -m tests -m long           what takes minutes
  python -m tests mutants           plants faults, one at a time, that the suite has to notice
  python -m tests kills             ends shmrace's processes at random moments: see --help
  python -m tests differential      random programs, searched completely and by chance: see --help
  python -m tests correct           random programs that are right, each of which has to pass
  python -m tests pythons           every test on each version of CPython, one after the other
  python -m tests pythons 3.13 -- tests/unit   the unit tests on one version
  python -m tests reports           reports on random programs, held against enumeration: see --help

The folders: tests/unit starts no fork server; tests/gate runs processes at the gate;
tests/end_to_end goes through the command line, the pytest plugin and reports; tests/reference
holds the explorers and the engine against plain enumeration and against the literature's counts.
The layers of shmrace's packages are held by tests/unit/test_layers.py.
"""

ON_EACH_CORE = ("-n", "logical", "--dist", "worksteal")
FAST = "tests/unit"

COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "mutants": mutants.main,
    "differential": differential.main,
    "correct": correct.main,
    "reports": reports.main,
    "kills": kills.main,
    "pythons": lambda words: pythons.main(words, ON_EACH_CORE),
}
"""What runs instead of the steps."""


def steps(words: Sequence[str]) -> list[tuple[str, list[str]]]:
    """What to run for these words of the command line: each step's name and its command."""
    fast = list(words[:1]) == ["fast"]
    for_pytest = [FAST, *words[1:]] if fast else words
    return [
        ("lint", ["ruff", "check", "."]),
        ("layout", ["ruff", "format", "--check", "."]),
        ("types", ["mypy"]),
        ("layers and unit tests" if fast else "tests", ["pytest", *ON_EACH_CORE, *for_pytest]),
    ]


def main(words: Sequence[str]) -> int:
    """Run the steps; the status of the first that fails, else 0."""
    if words and words[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    if words and words[0] in COMMANDS:
        return COMMANDS[words[0]](words[1:])
    # Without bytecode each pytest that a test starts compiles all of Hypothesis again: 2 s.
    environment = {
        name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"
    }
    for name, command in steps(words):
        print(f"== {name}", flush=True)
        status = subprocess.run(
            [sys.executable, "-m", *command], stdin=subprocess.DEVNULL, env=environment
        ).returncode
        if status:
            print(f"== {name} failed", flush=True)
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
