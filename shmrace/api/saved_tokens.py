"""Findings kept from one run to the next, of a test suite or of the command line.

One small file for each scenario of each test, so that parallel workers do not write to the same
one.  The shape follows Hypothesis' example database.
"""

import contextlib
import hashlib
import json
import os
from pathlib import Path


class FoundTokens:
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
