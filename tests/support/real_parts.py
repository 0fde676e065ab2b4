"""Programs that some tests need and a developer may lack: then they are skipped, but not in CI."""

import os
import shutil

import pytest


def program(name: str) -> str:
    """The path of a program; skips the test where it is missing."""
    return needed(shutil.which(name), f"{name} is not installed")


def needed(found: str | None, complaint: str) -> str:
    """What was found; skips the test, or fails it in CI, where nothing was."""
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"{complaint}: CI has to install it")
    pytest.skip(complaint)
