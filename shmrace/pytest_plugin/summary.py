"""The section `shmrace` at the end of a run, and the results behind PASSED.

Both are made from data in pytest's reports, so they are the same under pytest-xdist.  A run without
searches has no such section.
"""

from collections import Counter
from typing import Any

import pytest

from shmrace.model.prose import counted
from shmrace.pytest_plugin import header
from shmrace.pytest_plugin.searched import WORDS, Searched, by_kind, phrase, seconds

_ALWAYS = ("proved", "bounded", "inconclusive")
"""Words that the summary shows even if their count is 0."""

_NAMES = {"found": "with findings"}

ATTRIBUTE = "shmrace"
"""The attribute of a report: a list of `Searched` as data, empty if the test was skipped."""


def of(report: pytest.TestReport) -> list[Searched] | None:
    """The searches of one phase of a test; None if it did not search."""
    data: list[dict[str, Any]] | None = getattr(report, ATTRIBUTE, None)
    return [Searched(**one) for one in data] if data is not None else None


class Summary:
    """The plugin that writes the summary, in the process that has the terminal."""

    def __init__(self) -> None:
        self._header: str | None = None
        self._searches: list[Searched] = []
        self._skipped = 0
        self._accepted: dict[str, Counter[str]] = {}  # by test
        self._data_races: list[str] = []  # a line for each pass that assumes one

    def pytest_report_header(self) -> str:
        self._header = header.line()
        return f"shmrace: {self._header}"

    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport, config: pytest.Config
    ) -> tuple[str, str, str] | None:
        if not isinstance(report, pytest.TestReport) or report.when != "call":
            return None
        searches = of(report)
        if not report.passed or not searches or hasattr(report, "wasxfail"):
            return None
        return "passed", ".", f"PASSED ({phrase(searches)})"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        searches = of(report)
        if searches is None:
            return
        self._searches += searches
        self._skipped += not searches
        for one in searches:
            if one.data_race and report.passed:
                self._data_races.append(
                    f"{report.nodeid}  passed, but not proved: data-races: {one.data_race}"
                )
            if one.accepted:
                name = report.nodeid.rpartition("::")[2]
                self._accepted.setdefault(name, Counter()).update(one.accepted)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self._searches and not self._skipped:
            return
        terminalreporter.section("shmrace")
        if self._header is None:
            self._header = header.line()
        terminalreporter.line(self._header)
        terminalreporter.line(self._counts())
        if self._accepted:
            by_test = [f"{by_kind(kinds)} in {name}" for name, kinds in self._accepted.items()]
            terminalreporter.line(f"accepted findings: {'; '.join(sorted(by_test))}")
        for line in dict.fromkeys(sorted(self._data_races)):
            terminalreporter.line(line)

    def _counts(self) -> str:
        words = Counter(one.word for one in self._searches)
        said = [
            f"{words[word]} {_NAMES.get(word, word)}"
            for word in WORDS
            if words[word] or word in _ALWAYS
        ]
        said.insert(-1, f"{self._skipped} skipped")
        executions = counted(sum(one.executions for one in self._searches), "execution")
        elapsed = seconds(sum(one.elapsed for one in self._searches))
        return "   ".join([*said, f"{executions} in {elapsed}"])
