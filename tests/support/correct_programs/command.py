"""`python -m tests correct`: random programs that are right and have to pass, one line for each."""

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.support import private_shm
from tests.support.correct_programs.generator import program
from tests.support.correct_programs.judged import judged, shrunk
from tests.support.correct_programs.player import IDIOMS


def main(words: Sequence[str]) -> int:
    """0 if all pass, else 1."""
    given = _parser().parse_args(words)
    if given.list:
        for name, one in sorted(IDIOMS.items()):
            print(f"{name:24}{(one.run.__doc__ or '').splitlines()[0]}")
        return 0
    private_shm.enter()
    wrong: Counter[str] = Counter()
    ran = complete = executions = 0
    started = time.monotonic()
    for seed in given.seeds:
        seen = judged(program(seed, given.only), given.seconds, given.executions, given.explorer)
        ran += 1
        if seen.verdict is not None:
            complete += seen.verdict.complete
            executions += seen.verdict.executions
        if not given.quiet or seen.wrong:
            print(seen, flush=True)
        if seen.wrong:
            wrong[seen.kind] += 1
            if given.shrink:
                seen = shrunk(
                    seen,
                    lambda one: judged(one, given.seconds, given.executions, given.explorer),
                )
                print(f"    shrunk: {seen}", flush=True)
            print("    " + seen.wrong.replace("\n", "\n    "), flush=True)
    told = ", ".join(f"{kind}: {count}" for kind, count in sorted(wrong.items())) or "all pass"
    print(
        f"{ran} programs: {ran - wrong.total()} pass, {complete} of them complete;"
        f" {executions} executions in {time.monotonic() - started:.0f} s; {told}"
    )
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser("python -m tests correct", description=__doc__)
    made.add_argument("--seeds", type=_seeds, default=range(20), help="such as 0-499, or 7")
    made.add_argument("--only", type=_names, default=[], help="idioms, such as published,walked")
    made.add_argument("--seconds", type=float, default=10.0, help="for each program")
    made.add_argument("--executions", type=int, default=8, help="of each program, at most")
    made.add_argument("--explorer", default="dpor", help="such as walk")
    made.add_argument("--shrink", action="store_true", help="make what is wrong smaller")
    made.add_argument("--quiet", action="store_true", help="only what is wrong")
    made.add_argument("--list", action="store_true", help="the idioms")
    return made


def _seeds(text: str) -> Iterator[int]:
    first, _, last = text.partition("-")
    return iter(range(int(first), int(last or first) + 1))


def _names(text: str) -> list[str]:
    unknown = [word for word in text.split(",") if word not in IDIOMS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no idiom {unknown[0]!r}: see --list")
    return text.split(",")
