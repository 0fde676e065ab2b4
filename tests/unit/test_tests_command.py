"""`python -m tests`: which words choose what is run, and which go on to pytest."""

import pytest

from tests.__main__ import ON_EACH_CORE, USAGE, main, steps


def test_without_words_everything_runs() -> None:
    assert dict(steps([])) == {
        "lint": ["ruff", "check", "."],
        "layout": ["ruff", "format", "--check", "."],
        "types": ["mypy"],
        "tests": ["pytest", *ON_EACH_CORE],
    }


def test_unknown_words_go_on_to_pytest() -> None:
    assert steps(["-m", "long", "tests/gate"])[-1] == (
        "tests",
        ["pytest", *ON_EACH_CORE, "-m", "long", "tests/gate"],
    )


def test_fast_runs_the_unit_tests_alone_with_what_follows_it() -> None:
    *before, (_, command) = steps(["fast", "-k", "token"])
    assert [name for name, _ in before] == ["lint", "layout", "types"]
    assert command == ["pytest", *ON_EACH_CORE, "tests/unit", "-k", "token"]


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_is_shown_and_nothing_is_run(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word]) == 0
    assert capsys.readouterr().out == USAGE
