"""A run of pytest on what `pytester` has written, in a fork of `tests.support.preloaded`."""

import time
from pathlib import Path

import pytest

from tests.support import preloaded


def run_pytest(pytester: pytest.Pytester, *arguments: str, timeout: float = 90) -> pytest.RunResult:
    """Like `pytester.runpytest_subprocess`, without what an interpreter takes to import."""
    began = time.monotonic()
    base = f"--basetemp={pytester.path / 'runpytest'}"
    done = preloaded.run("pytest", base, *arguments, cwd=Path.cwd(), timeout=timeout)
    return pytest.RunResult(
        done.returncode, done.stdout.splitlines(), done.stderr.splitlines(),
        time.monotonic() - began,
    )  # fmt: skip
