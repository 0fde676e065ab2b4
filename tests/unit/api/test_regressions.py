"""Tokens kept from one run of a suite to the next."""

from pathlib import Path

import pytest

from shmrace.api.regressions import SavedTokens


def test_a_token_is_kept_replaced_and_dropped(tmp_path: Path) -> None:
    found = SavedTokens(tmp_path / "new")
    assert found.of("test one") is None
    found.keep("test one", "sr1-a")
    found.keep("test two", "sr1-b")
    found.keep("test one", "sr1-c")
    assert (found.of("test one"), found.of("test two")) == ("sr1-c", "sr1-b")
    found.drop("test one")
    found.drop("never kept")
    assert (found.of("test one"), found.of("test two")) == (None, "sr1-b")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"key": "other", "token": "sr1-a"}'])
def test_a_file_that_cannot_be_read_counts_as_none(tmp_path: Path, content: str) -> None:
    found = SavedTokens(tmp_path)
    found.keep("test", "sr1-a")
    (file,) = tmp_path.iterdir()
    file.write_text(content)
    assert found.of("test") is None


def test_what_cannot_be_written_is_lost_without_complaint(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = SavedTokens(tmp_path / "file" / "folder")
    found.keep("test", "sr1-a")
    assert found.of("test") is None


def test_what_cannot_be_removed_stays_without_complaint(tmp_path: Path) -> None:
    found = SavedTokens(tmp_path)
    found.keep("test", "sr1-a")
    (file,) = tmp_path.iterdir()
    file.unlink()
    file.mkdir()
    found.drop("test")
    assert found.of("test") is None
