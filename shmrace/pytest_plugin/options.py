"""Options of the search, by precedence: argument, mark, command line, ini file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from shmrace.errors import UsageError
from shmrace.model import token
from shmrace.pytest_plugin import report_files
from shmrace.search.budget import parse_budget

SEARCH = ("explorer", "budget", "ranks", "seed", "faults", "max_faults")
"""The keywords of `race` and of the mark."""

_EVERYWHERE = {
    "explorer": "the algorithm that chooses the schedules: dpor (exhaustive), walk, ...",
    "budget": "when to stop: a time (60s, 5m) or a number ('500 executions')",
    "ranks": "how many ranks, for scenarios that were made without a number of ranks",
}
"""The keywords that are also options of the command line and the ini file, with help texts."""


def add(parser: pytest.Parser) -> None:
    """Add the options to pytest's command line and ini file."""
    group = parser.getgroup("shmrace", "shmrace: races in the lifecycle of shared-memory segments")
    for name, text in _EVERYWHERE.items():
        group.addoption(f"--shmrace-{name}", metavar=name.upper(), help=text)
        parser.addini(f"shmrace_{name}", text, default="")
    group.addoption(
        "--shmrace-replay", metavar="TOKEN",
        help="run this token in the tests of its scenario, and skip the others that use `race`",
    )  # fmt: skip
    group.addoption(
        "--shmrace-report", metavar="DIR",
        help="write the report of each failure to DIR/<test>, as HTML, JSON and text",
    )  # fmt: skip
    parser.addini("shmrace_report", "a folder for the reports of failures", default="")
    group.addoption(
        "--shmrace-pdb", metavar="ACTOR",
        help="replay a failure with this actor in the debugger; the other actors wait meanwhile",
    )  # fmt: skip


def check(config: pytest.Config) -> None:
    """Raise `UsageError` for an invalid option on the command line or in the ini file."""
    spread = hasattr(config, "workerinput") or config.getoption("dist", "no") != "no"
    if config.getoption("--shmrace-pdb") and spread:
        raise UsageError("--shmrace-pdb needs the terminal: leave -n out")
    word = config.getoption("--shmrace-replay")
    if word:
        token.parse(word)
    directory = report_directory(config)
    if directory is not None:
        report_files.prepare(directory)
    for name in _EVERYWHERE:
        sources = {
            f"--shmrace-{name}": _option(config, name),
            f"ini shmrace_{name}": config.getini(f"shmrace_{name}"),
        }
        for source, given in sources.items():
            try:
                if given:
                    _value(name, given)
            except UsageError as error:
                raise UsageError(f"{source}: {error}") from None


def check_marks(item: pytest.Item) -> None:
    """Raise `UsageError` for an invalid mark."""
    for mark in item.iter_markers("shmrace"):
        if mark.args:
            raise UsageError("@pytest.mark.shmrace takes keywords only, as in budget='5s'")
        _known(mark.kwargs, "@pytest.mark.shmrace")
        for name in _EVERYWHERE.keys() & mark.kwargs.keys():
            _value(name, str(mark.kwargs[name]))


def resolve(
    config: pytest.Config, item: pytest.Item | None, given: dict[str, Any]
) -> dict[str, Any]:
    """All options of the search, as keywords.  Raises `UsageError` for an unknown keyword."""
    _known(given, "race")
    found: dict[str, Any] = {}
    for name in _EVERYWHERE:
        text = _option(config, name) or config.getini(f"shmrace_{name}")
        if text:
            found[name] = _value(name, text)
    for mark in reversed(list(item.iter_markers("shmrace")) if item is not None else []):
        found.update(mark.kwargs)
    found.update(given)
    return found


def report_directory(config: pytest.Config) -> Path | None:
    """The folder for reports; None if no option asks for them."""
    text = config.getoption("--shmrace-report") or config.getini("shmrace_report")
    return config.invocation_params.dir / str(text) if text else None


def _option(config: pytest.Config, name: str) -> str | None:
    found = config.getoption(f"--shmrace-{name}")
    return str(found) if found is not None else None


def _known(given: Iterable[str], whose: str) -> None:
    for name in given:
        if name not in SEARCH:
            raise UsageError(f"{whose} has no keyword {name!r}; it has: {', '.join(SEARCH)}")


def _value(name: str, text: str) -> Any:
    if name == "budget":
        parse_budget(text)
    elif name == "ranks":
        if not text.isdecimal() or int(text) < 1:
            raise UsageError(f"ranks must be a whole number of at least 1, not {text!r}")
        return int(text)
    elif name == "explorer":
        from shmrace import explorers

        explorers.make(text)  # raises `UsageError` for an unknown name
    return text
