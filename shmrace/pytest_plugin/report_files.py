"""``--shmrace-report DIR``: the report of each failure, as files."""

import hashlib
import re
import warnings
from pathlib import Path

from shmrace.errors import UsageError
from shmrace.reports import FORMATS
from shmrace.verdict import Verdict

_LONGEST = 100


def prepare(directory: Path) -> None:
    """Raises `UsageError` if no report could be written there."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--shmrace-report {directory}: {error.strerror}") from None


def write(directory: Path, test: str, verdict: Verdict) -> None:
    """Write the report of a test that failed; a disk that is full costs the files alone."""
    stem = _stem(test)
    try:
        for form, ending in (("text", "txt"), ("json", "json")):
            (directory / f"{stem}.{ending}").write_text(FORMATS[form](verdict), encoding="utf-8")
    except OSError as error:
        warnings.warn(f"--shmrace-report {directory}: {error.strerror}", stacklevel=2)


def _stem(test: str) -> str:
    """A file's name, with a digest where something of the test's is left out."""
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", test).strip("-")
    if plain.replace("-", "") == re.sub(r"::|/", "", test) and len(plain) <= _LONGEST:
        return plain
    return f"{plain[:_LONGEST]}-{hashlib.sha256(test.encode()).hexdigest()[:6]}"
