"""A verdict as Markdown, for the summary of a CI job: a heading, a table, a Mermaid diagram."""

import os
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from shmrace.model.verdict import Finding, Verdict
from shmrace.reports.evidence import facts, headline, meaning
from shmrace.reports.formats import mermaid
from shmrace.reports.story import PASTE, story

if TYPE_CHECKING:  # these import torch
    from shmrace.compare.grid import Cell
    from shmrace.compare.pair import Compared

_LIMIT = 1 << 20
"""In bytes.  If the summary of a step is longer, GitHub drops all of it."""

_MARKS = {"pass": "ok", "fail": "FAIL", "inconclusive": "?"}


def report(verdict: Verdict, test: str = "") -> str:
    """One section, with the name of its test if there is one; ends with a line feed."""
    heading = f"{_MARKS[verdict.status]}: {headline(verdict)}"
    parts = [f"### {escaped(heading)}"]
    if test:
        parts.append(f"In the test {escaped(test)}")
    if meaning(verdict):
        parts.append(escaped(meaning(verdict)))
    parts.append(_table([("", ""), *facts(verdict)]))
    if len(verdict.findings) > 1:
        parts.append("\n".join(f"* {escaped(one.first_line)}" for one in verdict.findings))
    parts += _findings(verdict, verdict.findings[:1])
    return "\n\n".join(parts) + "\n\n"


def table(cells: "Sequence[Cell]") -> str:
    """The table of lifecycles and transports, and the diagram of the first failing cell."""
    columns = list(dict.fromkeys((one.handover.transport, one.handover.wire) for one in cells))
    found = {
        (one.handover.lifecycle, one.handover.transport, one.handover.wire): one for one in cells
    }
    rows = [("", *(name if wire == "simulated" else f"{name}/{wire}" for name, wire in columns))]
    for lifecycle in dict.fromkeys(one.handover.lifecycle for one in cells):
        row = [found.get((lifecycle, *column)) for column in columns]
        rows.append((lifecycle, *(_cell(one) if one is not None else "" for one in row)))
    parts = ["### Lifecycles against transports", _table(rows)]
    failing = [one for one in cells if one.verdict.status == "fail"]
    for one in failing[:1]:
        over = f"{one.handover.lifecycle} over {one.handover.transport}: {headline(one.verdict)}"
        parts += [escaped(over), *_findings(one.verdict, one.verdict.findings[:1])]
    return "\n\n".join(parts) + "\n\n"


def side_by_side(compared: "Sequence[Compared]") -> str:
    """Baselines and candidates: a line for each pair, and the diagram of a new finding."""
    parts = ["### Candidates against baselines"]
    for comparison, (baseline, candidate) in compared:
        new = [one.first_line for one in comparison.new]
        said = "; ".join(new) or f"no finding that {baseline} has not"
        parts.append(f"* {escaped(f'{candidate}: {said}')}")
        parts += _findings(comparison.candidate, comparison.new[:1])
    return "\n\n".join(parts) + "\n\n"


def append_to_summary(markdown: str) -> None:
    """In a job on GitHub, add a section to the summary, if it fits.  Raises `OSError`.

    Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    """
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    content = markdown.encode("utf-8", "backslashreplace")
    with open(path, "ab", buffering=0) as file:
        if file.tell() + len(content) <= _LIMIT:
            file.write(content)  # in one write: other processes may append too


def escaped(text: str) -> str:
    """The text in one line, escaped, so that Markdown shows it unchanged."""
    return re.sub(r"([\\`*_{}\[\]<>#|~&$!])", r"\\\1", " ".join(text.split()))


def _findings(verdict: Verdict, findings: Iterable[Finding]) -> list[str]:
    found = []
    for one in findings:
        found.append(_fenced(mermaid.diagram(one), "mermaid"))
        pasted = [told for told in story(verdict, one) if told.part == PASTE]
        found += [_fenced("\n".join(told.lines), "sh") for told in pasted[:1]]
    return found


def _cell(cell: "Cell") -> str:
    verdict = cell.verdict
    more = "" if verdict.complete or verdict.status == "inconclusive" else "+"
    kinds = f" ({', '.join(cell.kinds)})" if cell.kinds else ""
    return f"{_MARKS[verdict.status]} {verdict.trace_classes}{more}{kinds}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """The first row is the heading."""
    lines = ["| " + " | ".join(map(escaped, row)) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)


def _fenced(text: str, language: str) -> str:
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
