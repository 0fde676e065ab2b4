"""The results of a test's searches, as plain data in pytest's report on the test.

A worker of pytest-xdist sends the report to the process that writes the summary.  JUnit files hold
the data as properties.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from shmrace.model.prose import counted
from shmrace.model.verdict import Verdict
from shmrace.reports.formats.text import report, summary
from shmrace.scenario.base import Scenario

WORDS = ("proved", "complete", "bounded", "found", "inconclusive")
"""The possible results of a search: the values of `Verdict.word`."""


@dataclass(frozen=True)
class Searched:
    """The result of one search."""

    word: str  # one of WORDS
    status: str
    executions: int
    trace_classes: int
    complete: bool
    elapsed: float  # seconds
    who: str  # as in "3 ranks"
    explorer: str
    assumes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    accepted: dict[str, int] = field(default_factory=dict)
    token: str = ""
    data_race: str = ""  # as in the verdict, where that passed
    shown: str = ""  # its summary, as text

    def as_data(self) -> dict[str, Any]:
        """The fields in JSON types; ``Searched(**data)`` makes an equal object."""
        return asdict(self)

    def __str__(self) -> str:
        """The result with its evidence, as in "proved: 84 schedules, 3 ranks"."""
        if self.word == "found":
            return f"found: {', '.join(self.kinds)}"
        if self.word == "bounded":
            said = f"bounded: {counted(self.executions, 'schedule')} in {seconds(self.elapsed)}"
            said += f"; {self.explorer}"
        else:
            said = f"{self.word}: {counted(self.trace_classes, 'schedule')}, {self.who}"
        if self.accepted:
            said += f"; accepted {by_kind(self.accepted)}"
        return said + (f"; assumes {', '.join(self.assumes)}" if self.assumes else "")


def searched(verdict: Verdict, scenario: Scenario) -> Searched:
    """The result of a verdict on a scenario."""
    number = scenario.ranks if hasattr(scenario, "rank") else len(scenario.parts())
    lines = [finding.first_line for finding in verdict.findings]
    kinds = dict.fromkeys(finding.kind for finding in verdict.findings)
    return Searched(
        verdict.word, verdict.status, verdict.executions, verdict.trace_classes, verdict.complete,
        verdict.elapsed, counted(number, "rank" if hasattr(scenario, "rank") else "actor"),
        verdict.explorer, verdict.assumes, tuple(kinds), verdict.accepted,
        next((one.token for one in verdict.findings), ""),
        verdict.data_race if verdict.status == "pass" else "",
        "\n".join([*lines, summary(verdict)]) if lines else report(verdict).rstrip(),
    )  # fmt: skip


def phrase(searches: Sequence[Searched]) -> str:
    """The results of all searches of a test, in one line."""
    if len(searches) == 1:
        return str(searches[0])
    words = Counter(one.word for one in searches)
    said = ", ".join(f"{words[word]} {word}" for word in WORDS if words[word])
    schedules = counted(sum(one.executions for one in searches), "schedule")
    return f"{said}: {schedules} in {len(searches)} searches"


def properties(searches: Sequence[Searched]) -> list[tuple[str, str]]:
    """Properties for a JUnit file; each holds the values of all searches of a test."""
    statuses = {one.status for one in searches}
    assumes = dict.fromkeys(word for one in searches for word in one.assumes)
    tokens = [one.token for one in searches if one.token]
    said = {
        "status": next(one for one in ("fail", "inconclusive", "pass") if one in statuses),
        "executions": str(sum(one.executions for one in searches)),
        "trace_classes": str(sum(one.trace_classes for one in searches)),
        "complete": str(all(one.complete for one in searches)).lower(),
        "assumes": ", ".join(assumes),
        "token": " ".join(tokens),
    }
    return [(f"shmrace.{name}", text) for name, text in said.items()]


def by_kind(kinds: dict[str, int]) -> str:
    """As in "8 leaks, 1 deadlock"."""
    return ", ".join(counted(number, kind) for kind, number in kinds.items())


def seconds(elapsed: float) -> str:
    return f"{elapsed:,.0f} s" if elapsed >= 10 else f"{elapsed:.1f} s"
