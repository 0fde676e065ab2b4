"""Reports on a verdict.  A new format is one new file and one line in `FORMATS`."""

from collections.abc import Callable

from shmrace.model.verdict import Verdict
from shmrace.reports.formats import html, json, mermaid, text

FORMATS: dict[str, Callable[[Verdict], str]] = {
    "text": text.report, "json": json.report, "html": html.report,
    "mermaid": mermaid.report,
}  # fmt: skip
