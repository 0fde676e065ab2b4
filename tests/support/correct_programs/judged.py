"""Explores a program that is right, and says what is wrong with its verdict."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import shmrace
from shmrace import Verdict
from shmrace.reports.formats import text
from tests.support.correct_programs.generator import Program, scenario_of

PATIENCE = 20.0
"""Seconds beyond its budget after which a search is taken to have hung."""


@dataclass(frozen=True)
class Judged:
    """`wrong` is empty for a program that passes."""

    program: Program
    wrong: str
    seconds: float
    verdict: Verdict | None = None

    @property
    def kind(self) -> str:
        """What is wrong, without where."""
        if self.verdict is None or not self.verdict.findings:
            return self.wrong.partition(":")[0].strip()
        return self.verdict.findings[0].kind

    def __str__(self) -> str:
        told = ""
        if self.verdict is not None:
            told = f"{'complete' if self.verdict.complete else 'bounded'}, "
            told += f"{self.verdict.executions} executions, {self.verdict.trace_classes} classes"
            assumes = ", ".join(map(str, self.verdict.assumes))
            told += f"{', assumes ' * bool(assumes)}{assumes}; "
        said = "WRONG" if self.wrong else "pass"
        return (
            f"seed {self.program.seed}: {said}; {told}{self.seconds:.1f} s;"
            f" {self.program.ranks} ranks: {self.program}"
        )


def judged(program: Program, seconds: float, executions: int, explorer: str = "dpor") -> Judged:
    """The program after a search within this budget."""
    started = time.monotonic()
    scenario = scenario_of(program)
    try:
        verdict = shmrace.explore(
            scenario, explorer=explorer, budget=f"{seconds:g}s, {executions} executions",
            seed=program.seed if explorer != "dpor" else 0,
        )  # fmt: skip
    except Exception:
        return Judged(program, f"traceback: {traceback.format_exc()}", time.monotonic() - started)
    took = time.monotonic() - started
    wrong = ""
    if verdict.status != "pass":
        wrong = f"{verdict.status}: {text.report(verdict)}"
    elif took > seconds + PATIENCE:
        wrong = f"slow: {took:.0f} s for a budget of {seconds:g}"
    return Judged(program, wrong, took, verdict)


def shrunk(found: Judged, judge: Callable[[Program], Judged]) -> Judged:
    """The smallest program that was reached in which the same kind of thing is wrong."""
    progress = True
    while progress:
        progress = False
        for smaller in found.program.smaller():
            again = judge(smaller)
            if again.wrong and again.kind == found.kind:
                found, progress = again, True
                break
    return found
