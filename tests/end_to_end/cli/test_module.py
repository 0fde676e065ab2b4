"""`python -m shmrace` is the command `shmrace`."""

import pytest

from tests.support.commands import forked, python


@pytest.mark.parametrize(
    "words",
    [["--help"], ["explore", "--help"], ["list"], ["explore", "nowhere"], ["no-such-command"]],
    ids=" ".join,
)
def test_the_module_says_what_the_command_says(words: list[str]) -> None:
    """The same output, the same complaint and the same exit status."""
    module, command = python("-m", "shmrace", *words), forked(*words)
    assert module.stdout == command.stdout
    assert module.stderr == command.stderr
    assert module.returncode == command.returncode


def test_the_usage_names_the_command_and_not_the_module() -> None:
    assert python("-m", "shmrace", "--help").stdout.startswith("Usage: shmrace [OPTIONS]")


def test_a_finding_is_the_exit_status_of_the_module() -> None:
    done = python("-m", "shmrace", "explore", "attach-before-size", "--forget")
    assert done.returncode == 1
    assert "shmrace replay attach-before-size sr1-" in done.stdout
