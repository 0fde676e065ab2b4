"""A verdict as one self-contained HTML file: the story, the timeline, and what it rests on."""

from dataclasses import dataclass

from shmrace.model.verdict import Finding, Verdict
from shmrace.reports.evidence import facts, headline, meaning
from shmrace.reports.formats.html_page import rendered
from shmrace.reports.formats.timeline import MOST_ROWS, timeline
from shmrace.reports.formats.timeline_shapes import Mark, Timeline
from shmrace.reports.story import Paragraph, story


@dataclass(frozen=True)
class Shown:
    """A finding with all that its section of the page shows."""

    finding: Finding
    picture: Timeline | None
    told: tuple[Paragraph, ...]

    def part(self, *names: str) -> list[Paragraph]:
        """The paragraphs of these parts."""
        return [one for one in self.told if one.part in names]

    @property
    def racing(self) -> tuple[Mark, ...]:
        """The marks of the two that race, the earlier first."""
        if self.picture is None or self.finding.racing is None:
            return ()
        return tuple(mark for mark in self.picture.marks if mark.row.racing)


def report(verdict: Verdict) -> str:
    """All findings, or what a pass rests on; ends with a line feed."""
    return rendered(
        "verdict.html",
        verdict=verdict,
        headline=headline(verdict),
        meaning=meaning(verdict),
        facts=facts(verdict),
        shown=[shown(verdict, finding) for finding in verdict.findings],
    )


def shown(verdict: Verdict, finding: Finding, most_rows: int = MOST_ROWS) -> Shown:
    """What a page shows of one finding."""
    return Shown(finding, timeline(finding, most_rows), story(verdict, finding))
