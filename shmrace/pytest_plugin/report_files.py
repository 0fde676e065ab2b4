"""Reports of failing tests as files, and in the summary of a CI job.

``--shmrace-report DIR`` writes ``DIR/<test>/report.html``, ``.json`` and ``.txt``.
"""

import hashlib
import re
import warnings
from pathlib import Path

from shmrace.errors import UsageError
from shmrace.model.verdict import Verdict
from shmrace.reports import FORMATS
from shmrace.reports.formats import markdown

_LONGEST = 100
_FILES = {"text": "report.txt", "json": "report.json", "html": "report.html"}


def prepare(directory: Path) -> None:
    """Make the folder for reports; raises `UsageError` if this fails."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--shmrace-report {directory}: {error.strerror}") from None


def folder(directory: Path, test: str) -> Path:
    """The folder for the report of a test; `test` is its node id."""
    return directory / _stem(test)


def write(directory: Path, test: str, verdict: Verdict) -> None:
    """Write the report of a failed test; an error of the file system is only a warning."""
    place = folder(directory, test)
    try:
        place.mkdir(parents=True, exist_ok=True)
        for form, name in _FILES.items():
            (place / name).write_text(FORMATS[form](verdict), encoding="utf-8")
    except OSError as error:
        warnings.warn(f"--shmrace-report {directory}: {error.strerror}", stacklevel=2)


def summarise(test: str, verdict: Verdict) -> None:
    """In a CI job, add the report of a failed test to the summary."""
    try:
        markdown.append_to_summary(markdown.report(verdict, test))
    except OSError as error:
        warnings.warn(f"GITHUB_STEP_SUMMARY: {error.strerror}", stacklevel=2)


def _stem(test: str) -> str:
    """A folder name for a node id; with a digest, if characters of the id are left out."""
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", test).strip("-")
    if plain.replace("-", "") == re.sub(r"::|/", "", test) and len(plain) <= _LONGEST:
        return plain
    return f"{plain[:_LONGEST]}-{hashlib.sha256(test.encode()).hexdigest()[:6]}"
