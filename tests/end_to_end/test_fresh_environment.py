"""shmrace in an environment of its own: what is built, installed without extras, and works there.

Packages come from an index, so these tests need one.
"""

import os
import subprocess
import tarfile
import venv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

CHECKOUT = Path(__file__).parents[2]
CATALOGUE = {f"shmrace/scenarios/{path.name}" for path in (CHECKOUT / "scenarios").glob("*.py")}
OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
"""The variables without those that lead to the checkout."""

SUITE = """
from multiprocessing import shared_memory
import shmrace

class HandsOver(shmrace.Scenario):
    "A sender's segment, attached by each rank and unlinked by rank0."
    waits = False

    def sender(self, world):
        segment = shared_memory.SharedMemory(create=True, size=8)
        segment.close()
        return segment.name

    def rank(self, world, name):
        segment = shared_memory.SharedMemory(name)
        segment.close()
        if self.waits:
            world.barrier()
        if world.rank == 0:
            segment.unlink()

def test_red(race):
    race(HandsOver)

def test_green(race):
    assert race(HandsOver(waits=True)).proof
"""


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and an empty directory to run commands in."""

    bin: Path
    directory: Path

    def run(self, *command: str, status: int = 0) -> str:
        """What a command of the environment prints; it must end with this status."""
        done = subprocess.run(
            [str(self.bin / command[0]), *command[1:]], cwd=self.directory, env=OUTSIDE, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
        )  # fmt: skip
        assert done.returncode == status, done.stdout
        return done.stdout

    def pip(self, *arguments: str) -> str:
        return self.run("pip", "-q", "--disable-pip-version-check", *arguments)


def made(folder: Path) -> Environment:
    venv.create(folder / "environment", with_pip=True)
    (folder / "elsewhere").mkdir()
    return Environment(folder / "environment" / "bin", folder / "elsewhere")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """With the checkout installed, and no extra."""
    environment = made(tmp_path_factory.mktemp("fresh"))
    environment.pip("install", str(CHECKOUT))
    return environment


def test_the_core_is_installed_and_imported_without_extras(fresh: Environment) -> None:
    code = (
        "import importlib.util, shmrace; print(shmrace.__file__);"
        "print(*map(importlib.util.find_spec, ('torch', 'numpy', 'zmq')))"
    )
    file, found = fresh.run("python", "-c", code).splitlines()
    assert Path(file).is_relative_to(fresh.bin.parent)
    assert found == "None None None"


def test_a_race_fails_its_test_and_a_proof_passes_it(fresh: Environment) -> None:
    (fresh.directory / "test_it.py").write_text(SUITE)
    output = fresh.run("pytest", "-p", "no:cacheprovider", "test_it.py", status=1)
    assert "missing-segment: rank0 unlinks seg0" in output
    assert "FAILED test_it.py::test_red" in output
    assert "1 failed, 1 passed" in output


def test_the_command_line_works_without_extras(fresh: Environment) -> None:
    (fresh.directory / "test_it.py").write_text(SUITE)
    assert "Usage: shmrace" in fresh.run("shmrace", "--help")
    assert "sglang-deferred " in fresh.run("shmrace", "list")
    assert "pip install 'shmrace[torch]'" in " ".join(fresh.run("shmrace", "doctor").split())
    found = fresh.run("shmrace", "explore", "test_it.py:HandsOver", status=1)
    assert "FAIL test_it.py:HandsOver: missing-segment" in found
    passed = fresh.run("shmrace", "explore", "test_it.py:HandsOver", "--set", "waits=true")
    assert passed.startswith("PASS test_it.py:HandsOver: proved")
    assert fresh.run("shmrace", "explore", "sglang-deferred", status=2) == (
        "shmrace: sglang-deferred needs torch, which is not installed:"
        " pip install 'shmrace[torch]'\n"
    )


def test_wheels_carry_the_catalogue_once(fresh: Environment) -> None:
    """One that is built from the checkout, and one from an sdist; that one works as installed."""
    fresh.pip("install", "hatchling")
    built = fresh.directory / "built"
    fresh.pip("wheel", "--no-deps", "--wheel-dir", str(built / "checkout"), str(CHECKOUT))
    subprocess.run(
        [fresh.bin / "python", "-m", "hatchling", "build", "-t", "sdist", "-d", built],
        cwd=CHECKOUT, env=OUTSIDE, check=True, timeout=100,
    )  # fmt: skip
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        prefix = sdist.name.removesuffix(".tar.gz") + "/"
        assert catalogue([name.removeprefix(prefix) for name in archive.getnames()]) == CATALOGUE
    fresh.pip("wheel", "--no-deps", "--wheel-dir", str(built / "sdist"), str(sdist))
    wheels = [next((built / source).glob("*.whl")) for source in ("checkout", "sdist")]
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            assert catalogue(archive.namelist()) == CATALOGUE
    fresh.pip("install", "--no-deps", "--force-reinstall", str(wheels[1]))
    assert "attach-before-size" in fresh.run("shmrace", "list")
    assert "PASS" in fresh.run("shmrace", "explore", "attach-before-size", "--set", "announced=1")


def catalogue(names: Sequence[str]) -> set[str]:
    """The modules of the catalogue among what an archive holds, each of which it holds once."""
    found = [name for name in names if name.startswith("shmrace/scenarios/") and name[-3:] == ".py"]
    assert len(found) == len(set(found))
    return set(found)
