"""Tokens of earlier findings: kept between runs, replayed first, dropped once they pass.

Each scenario of each test has a small file of its own, so that parallel workers do not write to the
same file.  The design follows Hypothesis' example database.
"""

import contextlib
import hashlib
import inspect
import json
import os
from collections.abc import Callable
from pathlib import Path

from shmrace.api.replay import replay
from shmrace.errors import UsageError
from shmrace.model.verdict import Subject, Verdict
from shmrace.scenario.base import Scenario
from shmrace.search.options import SearchOptions

_NOTE = "found in an earlier run, and replayed first"


def regression_first(
    saved: "SavedTokens", key: str, scenario: Scenario, subject: Subject,
    search: Callable[[], Verdict],
) -> Verdict:  # fmt: skip
    """Replay the token that is kept for a key; if it no longer fails, run `search`.

    The first finding of `search` is kept.
    """
    word = saved.of(key)
    if word is not None:
        with contextlib.suppress(UsageError):  # the scenario has changed since
            verdict = replay(scenario, word, subject, _NOTE)
            if verdict.findings:
                return verdict
        saved.drop(key)
    verdict = search()
    if verdict.findings and verdict.findings[0].token:
        saved.keep(key, verdict.findings[0].token)
    return verdict


class SavedTokens:
    """Tokens in a directory, one for each key of `key_of`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def of(self, key: str) -> str | None:
        """The token of a key; None if there is none, or if its file cannot be read."""
        try:
            content = json.loads(self._file(key).read_text(encoding="utf-8"))
            return str(content["token"]) if content["key"] == key else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep(self, key: str, token: str) -> None:
        """Keep a token, and replace an earlier one.  An error of the file system is ignored."""
        file = self._file(key)
        part = file.with_suffix(f".{os.getpid()}")
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps({"key": key, "token": token}, indent=1), encoding="utf-8")
            part.replace(file)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()

    def drop(self, key: str) -> None:
        """Remove the token of a key.  An error of the file system is ignored."""
        with contextlib.suppress(OSError):
            self._file(key).unlink()

    def _file(self, key: str) -> Path:
        return self._directory / f"{hashlib.sha256(key.encode()).hexdigest()[:20]}.json"


def of_user() -> SavedTokens:
    """The tokens of the command line, in the user's cache (XDG Base Directory Specification)."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(cache) if os.path.isabs(cache) else Path.home() / ".cache"
    return SavedTokens(folder / "shmrace" / "found")


def key_of(scenario: Scenario, options: SearchOptions, place: str = "") -> str:
    """The key of a token: the scenario with its parameters and faults, and its test or file."""
    where = place or inspect.getfile(type(scenario))
    return f"{where} {scenario!r} {options.fault_texts} {options.max_faults}"
