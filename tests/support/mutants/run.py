"""Plant one fault after the other in a copy of the repository, and see whether the suite notices.

For each fault the tests that should notice it are run, and no others, until one fails.  A fault
that none of them notices survives: either a test is missing, or the fault changes nothing.
Source: DeMillo, Lipton, Sayward, "Hints on Test Data Selection", Computer 11(4), 1978.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.support.mutants.planted import PLANTED, Mutant

REPOSITORY = Path(__file__).parents[3]
LIMIT = 300  # seconds for the tests of one mutant
WORKERS = 2


def copied(folder: Path) -> Path:
    """A copy of all files that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=REPOSITORY, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        source, target = REPOSITORY / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink() or source.is_file():
            shutil.copy2(source, target, follow_symlinks=False)
    return folder


def planted_in(text: str, mutant: Mutant) -> str:
    """A file's text with the fault; raises `ValueError` if its place is not there exactly once."""
    if text.count(mutant.old) != 1:
        raise ValueError(
            f"{mutant.name}: {mutant.path} has its place {text.count(mutant.old)} times"
        )
    return text.replace(mutant.old, mutant.new)


def noticed(tree: Path, tests: Sequence[str]) -> str:
    """Which of the tests fails in this copy; empty if none does."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(
            [*command, *tests], cwd=tree, env=environment, capture_output=True, text=True,
            timeout=LIMIT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "no end within the time limit"
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return (lines or done.stdout.splitlines() or ["it did not start"])[-1]


def tried(mutant: Mutant, trees: "SimpleQueue[Path]") -> str:
    """Plant a fault, run its tests, and take it out again."""
    tree = trees.get()
    file = tree / mutant.path
    original = file.read_text(encoding="utf-8")
    try:
        file.write_text(planted_in(original, mutant), encoding="utf-8")
        return noticed(tree, mutant.tests)
    finally:
        file.write_text(original, encoding="utf-8")
        trees.put(tree)


def main(words: Sequence[str]) -> int:
    """Try the mutants; 1 if one survives."""
    parser = argparse.ArgumentParser(prog="python -m tests mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="only those whose names contain one of these")
    wanted = parser.parse_args(words).names
    chosen = [one for one in PLANTED if not wanted or any(part in one.name for part in wanted)]
    survivors = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            trees.put(copied(Path(folder) / str(number)))
        with ThreadPoolExecutor(WORKERS) as pool:
            found = [(one, pool.submit(tried, one, trees)) for one in chosen]
            for mutant, result in found:
                killer = result.result()
                print(
                    f"{'killed  ' if killer else 'SURVIVES'}  {mutant.name}: {killer}", flush=True
                )
                survivors += [] if killer else [mutant]
    seconds = time.monotonic() - began
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} killed, in {seconds:.0f} s")
    return 1 if survivors else 0
