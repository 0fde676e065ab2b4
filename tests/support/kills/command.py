"""`python -m tests kills`: kill processes of shmrace at random moments, one after the other."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from shmrace.linux import process
from tests.support import private_shm
from tests.support.kills import plan, run


def main(words: Sequence[str]) -> int:
    """Exit status 1 if something was left, hung, or was told wrongly."""
    parser = argparse.ArgumentParser(
        prog="python -m tests kills",
        description="Kill the orchestrator, launcher, fork server or a rank at a random moment,"
        " under the command line or pytest, with and without namespaces; then look at what is left,"
        " what was said, and whether the next command works.",
    )
    parser.add_argument("--seeds", default="0-99", metavar="A-B", help="one kill for each seed")
    parser.add_argument("--quiet", action="store_true", help="print only what is wrong")
    options = parser.parse_args(words)
    first, _, last = options.seeds.partition("-")
    private_shm.enter()
    if not private_shm.is_private():
        print("this needs a /dev/shm of its own, which is refused here", file=sys.stderr)
        return 3
    process.adopt_orphans()
    wrong, done = 0, Counter[str]()
    for seed in range(int(first), int(last or first) + 1):
        kill = plan.kill(seed)
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            found = run.trouble(kill, Path(folder))
        wrong += bool(found)
        done[kill.victim.name.lower()] += 1
        if found or not options.quiet:
            took = f"{time.monotonic() - began:.1f} s"
            print(f"{kill}: {'WRONG' if found else 'right'}, {took}", flush=True)
        for one in found:
            print(f"  {one}", flush=True)
    kinds = ", ".join(f"{number} of {name}" for name, number in sorted(done.items()))
    print(f"{sum(done.values())} kills ({kinds}): {wrong} wrong")
    return 1 if wrong else 0
