"""A verdict as one self-contained HTML file: the findings, their timelines, the evidence."""

from dataclasses import dataclass

from shmrace.model.verdict import Finding, Verdict
from shmrace.reports.evidence import facts, headline, meaning
from shmrace.reports.formats.html_page import rendered
from shmrace.reports.formats.timeline import MOST_ROWS, timeline
from shmrace.reports.formats.timeline_shapes import Mark, Timeline
from shmrace.reports.story import Paragraph, story


@dataclass(frozen=True)
class Shown:
    """A finding with everything that its section of the page shows."""

    finding: Finding
    picture: Timeline | None
    told: tuple[Paragraph, ...]

    def part(self, *names: str) -> list[Paragraph]:
        """The paragraphs of these parts of the story."""
        return [one for one in self.told if one.part in names]

    @property
    def racing(self) -> tuple[Mark, ...]:
        """The marks of the two racing steps, the earlier one first."""
        if self.picture is None or self.finding.racing is None:
            return ()
        return tuple(mark for mark in self.picture.marks if mark.row.racing)


def report(verdict: Verdict) -> str:
    """The page: all findings, and the evidence; ends with a line feed."""
    return rendered(
        "verdict.html",
        verdict=verdict,
        headline=headline(verdict),
        meaning=meaning(verdict),
        facts=facts(verdict),
        shown=[shown(verdict, finding) for finding in verdict.findings],
    )


def shown(verdict: Verdict, finding: Finding, most_rows: int = MOST_ROWS) -> Shown:
    """The section of one finding."""
    return Shown(finding, timeline(finding, most_rows), story(verdict, finding))
