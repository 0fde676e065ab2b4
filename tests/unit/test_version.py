"""Several files state the version, and it is the same in each."""

import re
from pathlib import Path

import pytest

import shmrace

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("file", "pattern"),
    [("pyproject.toml", r'^version = "(.*)"$'), ("CITATION.cff", r"^version: (.*)$")],
)
def test_the_version_is_that_of_the_package(file: str, pattern: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.findall(pattern, text, flags=re.MULTILINE) == [shmrace.__version__]


def test_the_changelog_names_the_version() -> None:
    """As a release, or as the one that will come."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = f"## [{shmrace.__version__}]" in changelog
    assert released or f"This will be {shmrace.__version__}," in changelog
