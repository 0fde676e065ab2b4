"""The reports of five scenarios, as they are to be: ``python -m tests.support.snapshots`` writes
them anew."""

import re
from dataclasses import dataclass
from pathlib import Path

from shmrace import Scenario
from shmrace.judgement.verdict import subject_of
from shmrace.model.verdict import Verdict
from shmrace.reports.formats import text
from shmrace.scenarios.sglang_deferred_barrier import SglangDeferredBarrier
from shmrace.scenarios.sglang_eager import SglangEager
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search
from tests.support.serving import Serve, Twice, Waits

DIRECTORY = Path(__file__).with_name("reports")


@dataclass(frozen=True)
class Case:
    """A scenario, and how it is searched."""

    scenario: Scenario
    target: str
    faults: tuple[str, ...] = ()
    keep_going: bool = False

    def verdict(self) -> Verdict:
        return Search(
            self.scenario,
            SearchOptions.parse(faults=self.faults, keep_going=self.keep_going),
            subject=subject_of(self.scenario, self.target),
        ).run()


CASES = {
    "relayed": Case(Serve(), "serving.py:Serve"),
    "killed": Case(
        SglangDeferredBarrier(ranks=2), "sglang-deferred-barrier", ("kill@rank*",), keep_going=True
    ),
    "twice": Case(Twice(), "serving.py:Twice"),
    "waits": Case(Waits(), "serving.py:Waits"),
    "eager": Case(SglangEager(ranks=2), "sglang-eager", keep_going=True),
}


def shown(verdict: Verdict) -> str:
    """The report without what may differ: seconds, and names that depend on the Python used."""
    said = re.sub(r"\d+\.\d s\)", "0.0 s)", text.report(verdict))
    return re.sub(r"psm_[0-9a-f]{8}", "psm_00000000", said)


if __name__ == "__main__":
    DIRECTORY.mkdir(exist_ok=True)
    for name, case in CASES.items():
        (DIRECTORY / f"{name}.txt").write_text(shown(case.verdict()), encoding="ascii")
