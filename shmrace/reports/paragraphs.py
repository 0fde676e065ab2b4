"""What is told beside the picture of a finding: headings, each with its lines.

Pages and summaries take their text from `paragraphs` alone.
"""

import shlex
from dataclasses import dataclass

from shmrace.verdict import Finding, Verdict

FACTS, REASONS, SEQUEL, PASTE = "facts", "reasons", "sequel", "paste"
"""The parts, in their order: the racing pair stands behind the facts, the timeline behind the
reasons."""


@dataclass(frozen=True)
class Paragraph:
    """A heading, which may be empty, and what stands under it, line by line."""

    heading: str
    lines: tuple[str, ...]
    part: str = REASONS


def paragraphs(verdict: Verdict, finding: Finding) -> tuple[Paragraph, ...]:
    """What is known of one finding of a verdict, in the order in which it is told."""
    facts = (*finding.detail.splitlines(), *_simplest(finding))
    told = (
        Paragraph("", facts, FACTS),
        Paragraph("LIFE", finding.lives),
        Paragraph("AND THEN", finding.consequences, SEQUEL),
        *(
            Paragraph(f"{actor} printed", tuple(text.splitlines()), SEQUEL)
            for actor, text in finding.outputs
        ),
        Paragraph("REPLAY", _replay(verdict, finding), PASTE),
    )
    return tuple(one for one in told if one.lines)


def _simplest(finding: Finding) -> tuple[str, ...]:
    if not finding.trace or finding.kind == "nondeterminism":
        return ()
    if not finding.preemptions and not finding.faults:
        return ("This is the simplest schedule: nobody had to be interrupted.",)
    struck = list(finding.faults)
    if finding.preemptions:
        actors = "actor" if finding.preemptions == 1 else "actors"
        struck.append(f"{finding.preemptions} {actors} had to be interrupted")
    return (f"This is the simplest schedule found: {', and '.join(struck)}.",)


def _replay(verdict: Verdict, finding: Finding) -> tuple[str, ...]:
    if finding.kind == "nondeterminism":
        return ()
    if not finding.token:  # a parameter that only code can make
        return (f"shmrace.run({verdict.shown}, {finding.schedule!r}).check()",)
    if verdict.target.isidentifier():  # a class that only its own test can reach
        return (f'shmrace.run({verdict.target}, "{finding.token}").check()',)
    return (f"shmrace replay {shlex.quote(verdict.target)} {finding.token}",)
