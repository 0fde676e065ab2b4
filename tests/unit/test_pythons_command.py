"""`python -m tests pythons`: which interpreters it finds, and what it says of those it does not."""

import sys
from pathlib import Path

import pytest

from tests.support import pythons

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


def script(folder: Path, text: str, version: str = "3.12") -> Path:
    """A program with the name of an interpreter, in a folder of its own."""
    folder.mkdir(parents=True)
    made = folder / f"python{version}"
    made.write_text(f"#!/bin/sh\n{text}\n")
    made.chmod(0o755)
    return made


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No interpreter but those that a test makes."""
    monkeypatch.setenv("PATH", f"{tmp_path}/one:{tmp_path}/two")
    monkeypatch.setenv("PYENV_ROOT", f"{tmp_path}/pyenv")
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", f"{tmp_path}/uv")


def test_the_first_that_runs_and_is_of_this_version_is_taken(tmp_path: Path) -> None:
    script(tmp_path / "one", "echo no such version >&2; exit 127")
    assert pythons.interpreter("3.12") is None
    script(tmp_path / "two", "echo PyPy 3.12.1")
    assert pythons.interpreter("3.12") is None
    script(tmp_path / "pyenv/versions/3.12.1/bin", "echo CPython 3.12.1")
    newer = script(tmp_path / "pyenv/versions/3.12.4/bin", "echo CPython 3.12.4")
    assert pythons.interpreter("3.12") == newer


def test_an_interpreter_of_this_very_version_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / f"python{HERE}").symlink_to(sys.executable)
    assert pythons.interpreter(HERE) == tmp_path / "one" / f"python{HERE}"


def test_who_is_missing_is_named_and_fails_where_it_is_promised_or_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pythons.main(["3.14"], ()) == 1
    assert capsys.readouterr().out == "3.14  missing: no such interpreter was found\n"
    assert pythons.main([], ()) == 1
    assert capsys.readouterr().out.count("missing") == 5
    monkeypatch.setattr(pythons, "PROMISED", ())
    assert pythons.main([], ()) == 0  # 3.14 may be missing
    assert capsys.readouterr().out == "3.14  missing: no such interpreter was found\n"


def test_an_interpreter_that_makes_no_environment_fails(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    script(tmp_path / "one", '[ "$1" = -c ] && echo CPython 3.12.1')
    assert pythons.main(["3.12", "--", "-x"], ()) == 1
    assert capsys.readouterr().out.endswith("3.12  failed: no environment could be made\n")


def test_a_version_that_the_project_does_not_know_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        pythons.main(["2.7"], ())
    assert "'2.7' is none of 3.10, 3.11" in capsys.readouterr().err
