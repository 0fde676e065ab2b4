"""Findings of earlier runs: kept from one run to the next, replayed first, dropped once they pass.

One small file for each scenario of each test, so that parallel workers do not write to the same
one.  The shape follows Hypothesis' example database.
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
    """The verdict of the token that is kept for a key, if it still fails; else that of `search`,
    whose first finding is kept."""
    word = saved.of(key)
    if word is not None:
        with contextlib.suppress(UsageError):  # of an earlier version of the scenario
            verdict = replay(scenario, word, subject, _NOTE)
            if verdict.findings:
                return verdict
        saved.drop(key)
    verdict = search()
    if verdict.findings and verdict.findings[0].token:
        saved.keep(key, verdict.findings[0].token)
    return verdict


class SavedTokens:
    """Tokens in a directory, by the text of what they were found in."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def of(self, key: str) -> str | None:
        """The token kept for a key; None if there is none, or if it cannot be read."""
        try:
            content = json.loads(self._file(key).read_text(encoding="utf-8"))
            return str(content["token"]) if content["key"] == key else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep(self, key: str, token: str) -> None:
        """Keep a token, in place of an earlier one; a full disk loses it without complaint."""
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
        """Forget the token of a key; one that cannot be removed stays without complaint."""
        with contextlib.suppress(OSError):
            self._file(key).unlink()

    def _file(self, key: str) -> Path:
        return self._directory / f"{hashlib.sha256(key.encode()).hexdigest()[:20]}.json"


def of_user() -> SavedTokens:
    """Those of the command line, in the user's cache (XDG Base Directory Specification)."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(cache) if os.path.isabs(cache) else Path.home() / ".cache"
    return SavedTokens(folder / "shmrace" / "found")


def key_of(scenario: Scenario, options: SearchOptions, place: str = "") -> str:
    """What a token is kept for: the scenario with its parameters, at its place."""
    where = place or inspect.getfile(type(scenario))
    return f"{where} {scenario!r} {options.fault_texts} {options.max_faults}"
