"""The core works without torch, NumPy and pyzmq; a feature that needs one of them says so.

An import of a module that is None in `sys.modules` fails as if it were not installed.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.commands import python

TORCH = "torch, which is not installed: pip install 'shmrace[torch]'"
NUMPY = "numpy, which is not installed: pip install 'shmrace[torch]'"
PYZMQ = "pyzmq, which is not installed: pip install 'shmrace[zmq]'"
BLOCK = "import sys\nsys.modules.update(dict.fromkeys({names!r}))\n"
COMMAND = "from shmrace.cli.main import main\nsys.exit(main(sys.argv[1:]))\n"
TOKEN = "sr1-198f9b-eNqrVspTsjIy1FEqVrJSCk7PScxLd0lNSy0qSk1RqgUAfC8JJg"
OPTIONAL = ("torch", "numpy", "zmq")
ONLY_THE_STANDARD_LIBRARY = """
import shmrace
import shmrace.scenarios.attach_before_size as scenario
verdict = shmrace.explore(scenario.AttachBeforeSize)
print(verdict.status, verdict.findings[0].first_line)
"""


def command(
    *arguments: str, without: Sequence[str] = OPTIONAL, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The command line where these modules cannot be imported."""
    return python("-c", BLOCK.format(names=without) + COMMAND, *arguments, cwd=cwd)


def test_a_race_is_found_with_the_standard_library_alone() -> None:
    names = [*OPTIONAL, "rich", "jinja2", "click", "pytest"]
    done = python("-c", BLOCK.format(names=names) + ONLY_THE_STANDARD_LIBRARY)
    assert done.stderr == ""
    assert done.stdout.startswith("fail half-born-attach: joiner attaches seg0 (")


@pytest.mark.parametrize("word", ["--help", "explore", "replay", "compare", "bench"])
def test_help_is_shown_without_extras(word: str) -> None:
    done = command(*([word] if word == "--help" else [word, "--help"]))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: shmrace")


def test_doctor_finds_the_gate_without_extras() -> None:
    done = command("doctor")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_list_shows_scenarios_that_need_an_extra_too() -> None:
    shown = command("list").stdout
    assert "\nsglang-deferred " in shown
    assert "\nview-without-export " in shown


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("text", "FAIL attach-before-size: half-born-attach"),
        ("json", '"kind": "half-born-attach"'),
        ("html", "</html>"),
        ("mermaid", "sequenceDiagram"),
    ],
)
def test_every_report_is_made_without_extras(form: str, said: str) -> None:
    done = command("explore", "attach-before-size", "--format", form)
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout


@pytest.mark.parametrize(
    ("arguments", "without", "said"),
    [
        ("explore sglang-deferred", OPTIONAL, f"sglang-deferred needs {TORCH}"),
        ("explore sglang-deferred-barrier", OPTIONAL, f"sglang-deferred-barrier needs {TORCH}"),
        ("explore view-without-export", ("numpy",), f"view-without-export needs {NUMPY}"),
        ("explore mine.py", OPTIONAL, f"mine.py needs {TORCH}"),
        ("explore mine:Mine", OPTIONAL, f"mine:Mine needs {TORCH}"),
        (f"replay sglang-deferred {TOKEN}", OPTIONAL, f"sglang-deferred needs {TORCH}"),
        ("compare", OPTIONAL, f"shmrace compare needs {TORCH}"),
        ("compare inline --transport relay/zmq", ("zmq",), f"the wire zmq needs {PYZMQ}"),
        ("compare inline --transport gloo", ("zmq",), f"the wire gloo needs {PYZMQ}"),
        ("bench", OPTIONAL, f"sglang-deferred-barrier needs {TORCH}"),
    ],
)
def test_what_is_missing_is_named_in_one_line_with_the_command_that_installs_it(
    arguments: str, without: Sequence[str], said: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(
        "import shmrace, torch\nclass Mine(shmrace.Scenario):\n    def rank(self, world): pass\n"
    )
    done = command(*arguments.split(), without=without, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"shmrace: {said}\n")
