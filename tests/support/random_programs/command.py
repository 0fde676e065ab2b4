"""`python -m tests differential`: random programs of a range of seeds, one line for each."""

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support import private_shm
from tests.support.random_programs.cases import case_of
from tests.support.random_programs.comparison import Comparison, Kind, compared
from tests.support.random_programs.features import Feature
from tests.support.random_programs.generator import program
from tests.support.random_programs.searches import Bounds
from tests.support.random_programs.shrinker import shrunk


def main(words: Sequence[str]) -> int:
    """0 if nothing was found, else 1."""
    given = _parser().parse_args(words)
    if given.list:
        for feature in Feature:
            print(f"{feature:12}{feature.meaning}")
        return 0
    private_shm.enter()
    bounds = Bounds(given.reduced, given.plain, given.drawn, given.seconds)
    found: Counter[Kind] = Counter()
    complete = proved = executions = ran = 0
    started = time.monotonic()
    for seed in given.seeds:
        seen = compared(program(seed, _allowed(given)), bounds)
        ran += 1
        complete += seen.complete
        proved += seen.proved
        executions += seen.executions + seen.others
        found.update(seen.kinds)
        if not given.quiet or seen.found:
            print(seen, flush=True)
        for finding in seen.found:
            print(f"    {finding.kind}: {finding.text}", flush=True)
        if seen.found and given.shrink:
            _tell_shrunk(seen, bounds, given.into)
    print(
        f"{ran} programs: {complete} complete, {proved} proved; {executions} executions in"
        f" {time.monotonic() - started:.0f} s; "
        + (", ".join(f"{kind}: {found[kind]}" for kind in Kind if found[kind]) or "nothing found")
    )
    return 1 if found else 0


def _tell_shrunk(seen: Comparison, bounds: Bounds, into: Path | None) -> None:
    kind = seen.kinds[0]
    small = shrunk(seen, kind, bounds)
    finding = next(one for one in small.found if one.kind is kind)
    text = case_of(small, finding)
    if into is None:
        print(text, flush=True)
        return
    into.mkdir(parents=True, exist_ok=True)
    place = into / f"{kind.replace('-', '_')}_{seen.program.seed}.py"
    place.write_text(text)
    print(f"    {place}: {', '.join(small.program.features)}", flush=True)


def _allowed(given: argparse.Namespace) -> list[Feature]:
    """The features that programs may use; an empty list for all of them."""
    if given.only:
        return list(given.only)
    return [feature for feature in Feature if feature not in given.without]


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser("python -m tests differential", description=__doc__)
    made.add_argument("--seeds", type=seeds, default=range(20), help="such as 0-499, or 7")
    made.add_argument("--only", type=_features, default=[], help="features, such as links,pipes")
    made.add_argument("--without", type=_features, default=[], help="features to leave out")
    made.add_argument(
        "--shrink", action="store_true", help="make what is found smaller, and show it"
    )
    made.add_argument(
        "--into", type=Path, help="a folder for a file of each, instead of the terminal"
    )
    made.add_argument("--reduced", type=int, default=Bounds.reduced, help="executions of dpor")
    made.add_argument("--plain", type=int, default=Bounds.plain, help="of plain enumeration")
    made.add_argument("--drawn", type=int, default=Bounds.drawn, help="of each sampler")
    made.add_argument("--seconds", type=float, default=Bounds.seconds, help="for each of these")
    made.add_argument("--quiet", action="store_true", help="only what is found")
    made.add_argument("--list", action="store_true", help="the features")
    return made


def seeds(text: str) -> Iterator[int]:
    """The seeds of a range such as "0-499", or one alone."""
    first, _, last = text.partition("-")
    return iter(range(int(first), int(last or first) + 1))


def _features(text: str) -> list[Feature]:
    known = {str(feature): feature for feature in Feature}
    unknown = [word for word in text.split(",") if word not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"no feature {unknown[0]!r}: see --list")
    return [known[word] for word in text.split(",")]
