"""`python -m tests pythons`: the suite on each version of CPython, in an environment of its own.

One version after the other: a virtual environment in a temporary folder, the checkout and what its
tests need installed into it, pytest, and the environment removed.  A version that is missing is
said to be; it is a failure where the project promises to work there, or where it was asked for.
"""

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PROMISED = ("3.10", "3.11", "3.12", "3.13")
WHERE_FOUND = ("3.14",)
"""Versions that may be missing."""

EXTRAS = (("dev", ""), ("zmq,test", "without torch, of which no build for it was found"))
"""What to install, the most first; and what is to be said if that is all there is."""

EPILOG = """\
What follows -- goes to pytest, as in: python -m tests pythons 3.12 -- tests/unit -x
"""


@dataclass(frozen=True)
class Result:
    """What became of one version."""

    version: str
    passed: bool
    text: str
    missing: bool = False

    def __str__(self) -> str:
        return f"{self.version:5} {self.text}"


def places(version: str) -> Iterator[Path]:
    """Where an interpreter of this version may be: on the path, or among those of pyenv and uv."""
    name = f"python{version}"
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield Path(folder or ".") / name
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local/share/uv/python")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/{name}"), reverse=True)
    yield from sorted(uv.glob(f"cpython-{version}.*/bin/{name}"), reverse=True)


def interpreter(version: str) -> Path | None:
    """The first of them that runs and is CPython of this version: a place may hold a mere link to
    what is not installed."""
    asked = "import platform; print(platform.python_implementation(), platform.python_version())"
    for place in places(version):
        if not os.access(place, os.X_OK):
            continue
        done = subprocess.run([place, "-c", asked], capture_output=True, text=True)
        if done.returncode == 0 and done.stdout.startswith(f"CPython {version}."):
            return place
    return None


def tried(version: str, for_pytest: Sequence[str]) -> Result:
    """Run the suite on one version."""
    found = interpreter(version)
    if found is None:
        return Result(version, False, "missing: no such interpreter was found", missing=True)
    began = time.monotonic()
    print(f"== {version}: {found}", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"python{version}-") as folder:
        environment = Path(folder)
        if _run([found, "-m", "venv", environment]):
            return Result(version, False, "failed: no environment could be made")
        python = environment / "bin" / "python"
        lacks = _installed(python)
        if lacks is None:
            return Result(version, False, "failed: the packages could not be installed")
        status = _run([python, "-m", "pytest", *for_pytest])
    said = "passed" if status == 0 else f"failed: pytest ended with exit status {status}"
    more = [f"{time.monotonic() - began:.0f} s", *([lacks] if lacks else [])]
    return Result(version, status == 0, f"{said} ({', '.join(more)})")


def _installed(python: Path) -> str | None:
    """Install the checkout with as many extras as there are: what is missing, in words; None if
    nothing could be installed."""
    pip: list[str | Path] = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    for extras, lacks in EXTRAS:
        if _run([*pip, "-c", "constraints.txt", "-e", f".[{extras}]"]) == 0:
            return lacks
    return None


def _run(command: Sequence[str | Path]) -> int:
    """The exit status of a command, run in the checkout without what leads Python elsewhere."""
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("PYTHON")}
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, stdin=subprocess.DEVNULL
    ).returncode


def main(words: Sequence[str], usual: Sequence[str]) -> int:
    """Run the suite on each version, with the `usual` options of pytest; 1 if one fails."""
    parser = argparse.ArgumentParser(
        prog="python -m tests pythons", description=__doc__, epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument(
        "versions", nargs="*", metavar="VERSION",
        help=f"such as 3.12; all of {', '.join(PROMISED)} if none is given, and {WHERE_FOUND[0]}"
        " if it is found",
    )  # fmt: skip
    words = list(words)
    cut = words.index("--") if "--" in words else len(words)
    wanted = parser.parse_args(words[:cut]).versions
    for version in wanted:
        if version not in PROMISED + WHERE_FOUND:
            parser.error(f"{version!r} is none of {', '.join(PROMISED + WHERE_FOUND)}")
    may_be_missing = () if wanted else WHERE_FOUND
    for_pytest = [*usual, *words[cut + 1 :]]
    results = [tried(version, for_pytest) for version in wanted or PROMISED + WHERE_FOUND]
    print(*results, sep="\n", flush=True)
    needed = [one for one in results if not (one.missing and one.version in may_be_missing)]
    return 0 if all(one.passed for one in needed) else 1
