"""A suite that has a package `scenarios` of its own runs beside the catalogue, which is reached as
`shmrace.scenarios`."""

from pathlib import Path

import pytest

from tests.support.commands import shmrace

CATALOGUE = "from shmrace.scenarios.attach_before_size import AttachBeforeSize"
OWN = "from scenarios.mine import MINE"
ORDERS = [
    pytest.param((OWN, CATALOGUE), id="its own first"),
    pytest.param((CATALOGUE, OWN), id="the catalogue first"),
]
PACKAGES = [
    pytest.param(True, id="a package"),
    pytest.param(False, id="a namespace package"),
]
SUITE = """
def test_both(race):
    import shmrace.scenario.loading as loading
    assert MINE == "mine"
    assert loading.load("attach-before-size") is AttachBeforeSize
    assert race(AttachBeforeSize(announced=True)).proof
"""
SCENARIO = """
class Mine(AttachBeforeSize):
    announced = True
    def check(self, execution):
        assert MINE == "mine"
"""


def write_scenarios(folder: Path, regular: bool) -> None:
    """The user's own, in a regular package or in a namespace package."""
    own = folder / "scenarios"
    own.mkdir()
    (own / "mine.py").write_text('MINE = "mine"\n')
    if regular:
        (own / "__init__.py").touch()


@pytest.mark.parametrize("regular", PACKAGES)
@pytest.mark.parametrize("order", ORDERS)
def test_a_suite_imports_its_own_and_the_catalogue(
    pytester: pytest.Pytester, regular: bool, order: tuple[str, str]
) -> None:
    write_scenarios(pytester.path, regular)
    pytester.makepyfile("\n".join(order) + SUITE)
    done = pytester.runpytest_subprocess(timeout=60)
    done.assert_outcomes(passed=1)


@pytest.mark.parametrize("regular", PACKAGES)
@pytest.mark.parametrize("order", ORDERS)
def test_the_command_explores_a_file_that_imports_both(
    tmp_path: Path, regular: bool, order: tuple[str, str]
) -> None:
    write_scenarios(tmp_path, regular)
    (tmp_path / "own.py").write_text("\n".join(order) + SCENARIO)
    done = shmrace("explore", "own.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("PASS own.py: proved")


@pytest.mark.parametrize("regular", PACKAGES)
def test_the_command_finds_the_catalogue_beside_a_package_of_that_name(
    tmp_path: Path, regular: bool
) -> None:
    """Also one that has a module of the same name."""
    write_scenarios(tmp_path, regular)
    (tmp_path / "scenarios" / "attach_before_size.py").write_text("raise ValueError('not mine')\n")
    done = shmrace("explore", "attach-before-size", "--set", "announced=true", cwd=tmp_path)
    assert done.stdout.startswith("PASS attach-before-size: proved"), done.stderr
    named = shmrace("explore", "scenarios.mine:Mine", cwd=tmp_path)
    assert "scenarios.mine:Mine: Mine is not a scenario in this file" in named.stderr
