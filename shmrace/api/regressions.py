"""What was found in an earlier run is replayed first; once it passes it is dropped."""

import contextlib
import inspect
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from shmrace.api.explore import replay
from shmrace.api.saved_tokens import FoundTokens
from shmrace.errors import UsageError
from shmrace.model.verdict import Verdict
from shmrace.scenario.base import Scenario

_NOTE = "found in an earlier run, and replayed first"


def found_first(
    found: FoundTokens, key: str, scenario: Scenario, search: Callable[[], Verdict]
) -> Verdict:
    """The verdict of the token that is kept for a key, if it still fails; else that of `search`,
    whose first finding is kept."""
    word = found.of(key)
    if word is not None:
        with contextlib.suppress(UsageError):  # of an earlier version of the scenario
            verdict = replay(scenario, word)
            if verdict.findings:
                note = "; ".join(one for one in (_NOTE, verdict.note) if one)
                return replace(verdict, note=note)
        found.drop(key)
    verdict = search()
    if verdict.findings and verdict.findings[0].token:
        found.keep(key, verdict.findings[0].token)
    return verdict


def of_user() -> FoundTokens:
    """Those of the command line, in the user's cache (XDG Base Directory Specification)."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(cache) if os.path.isabs(cache) else Path.home() / ".cache"
    return FoundTokens(folder / "shmrace" / "found")


def key_of(scenario: Scenario, faults: Sequence[str], max_faults: int, place: str = "") -> str:
    """What a token is kept for: the scenario with its parameters, at its place."""
    where = place or inspect.getfile(type(scenario))
    return f"{where} {scenario!r} {tuple(faults)} {max_faults}"
