"""`python -m tests reports`: the reports on random failing programs, one line for each program."""

import argparse
import time
from collections import Counter
from collections.abc import Sequence

from tests.support import private_shm
from tests.support.random_programs.command import seeds
from tests.support.random_programs.reports import checked


def main(words: Sequence[str]) -> int:
    """0 if nothing is wrong, else 1."""
    made = argparse.ArgumentParser("python -m tests reports", description=__doc__)
    made.add_argument("--seeds", type=seeds, default=range(20), help="such as 0-299, or 7")
    made.add_argument("--most", type=int, default=150, help="executions of an enumeration")
    made.add_argument("--quiet", action="store_true", help="only what is wrong")
    given = made.parse_args(words)
    private_shm.enter()
    held: Counter[str] = Counter()
    ran = failing = wrong = 0
    started = time.monotonic()
    for seed in given.seeds:
        seen = checked(seed, given.most)
        ran += 1
        failing += bool(seen.kind)
        wrong += bool(seen.wrong)
        held.update(seen.held)
        if not given.quiet or seen.wrong:
            print(seen, flush=True)
        for text in seen.wrong:
            print(f"    {text}", flush=True)
    checks = ", ".join(f"{name} {number}" for name, number in sorted(held.items()))
    print(
        f"{ran} programs, {failing} of them fail; checked: {checks}; {wrong} reports are wrong;"
        f" {time.monotonic() - started:.0f} s"
    )
    return 1 if wrong else 0
