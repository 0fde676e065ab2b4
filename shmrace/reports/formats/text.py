"""A verdict as text, for terminals and logs.

The first line of a finding says everything in short.  Then follow: how often it happens, the two
racing operations side by side, why they race, an order that prevents it, the table of steps, the
consequences, and the lines to paste.  Pure ASCII; at most 100 columns, except for lines to paste.
"""

import textwrap
from collections.abc import Sequence

from shmrace.model.prose import plain_text
from shmrace.model.verdict import Finding, RacingPairs, Verdict
from shmrace.reports.evidence import ran
from shmrace.reports.formats.text_pair import side_by_side
from shmrace.reports.formats.text_table import WIDTH, table
from shmrace.reports.story import FACTS, LIFE, PASTE, REASONS, SEQUEL, Paragraph, story

_MOST_PAIRS = 10
_INDENT = 2
_BESIDE = 10  # the column of lines that stand beside their heading
_LONGEST_BESIDE = 12  # a longer heading stands above its lines


def report(verdict: Verdict, full: bool = False, findings: Sequence[Finding] | None = None) -> str:
    """The report on all findings, or on `findings`, and the evidence; ends with a line feed.

    A `full` report shows every step, frame and printed line, and may be wider.
    """
    shown = verdict.findings if findings is None else findings
    blocks = ["\n".join(_finding(verdict, finding, full)) for finding in shown]
    blocks.append("\n".join(plain_text(one) for one in [summary(verdict, shown), *_foot(verdict)]))
    return "\n\n".join(blocks) + "\n"


def summary(verdict: Verdict, findings: Sequence[Finding] | None = None) -> str:
    """One line: the status and the evidence."""
    how = f"{ran(verdict)}; {verdict.explorer}, {verdict.elapsed:.1f} s"
    if verdict.status == "fail" or findings:
        shown = verdict.findings if findings is None else findings
        kinds = ", ".join(dict.fromkeys(finding.kind for finding in shown))
        return f"FAIL {verdict.target}: {kinds} ({how})"
    if verdict.status == "inconclusive":
        return f"INCONCLUSIVE {verdict.target}: {verdict.reason} ({how})"
    return f"PASS {verdict.target}: {verdict.word}, no finding ({how})"


def _foot(verdict: Verdict) -> list[str]:
    lines = []
    if verdict.status != "fail":
        held = ", ".join(f"{name}: {word}" for name, word in verdict.assertions.items())
        lines.append(f"  {held}")
    if verdict.racing_pairs is not None and verdict.status != "fail":
        lines += _pairs(verdict.racing_pairs)
    if verdict.note:
        lines.append(f"  {verdict.note}")
    if verdict.assumes:
        lines.append(f"  assumes: {', '.join(verdict.assumes)}")
    if verdict.data_race and verdict.status == "pass":
        lines += _broken(f"data-races: {verdict.data_race}", indent=2, hang=4)
    if verdict.accepted:
        counted = ", ".join(f"{number} {kind}" for kind, number in verdict.accepted.items())
        lines.append(f"  accepted findings: {counted}")
    if verdict.opaque:
        lines.append(f"  opaque calls: {', '.join(verdict.opaque)}")
    for door in verdict.refused:
        lines.append(f"  refused: {door} (no such system call under shmrace)")
    return lines


def _pairs(pairs: RacingPairs) -> list[str]:
    """How many racing pairs a sampler saw in both orders, and which in one order only."""
    lines = [f"  racing pairs: {pairs.both_orders} of {pairs.seen} seen in both orders"]
    lines += [f"    only {one}" for one in pairs.one_order[:_MOST_PAIRS]]
    if len(pairs.one_order) > _MOST_PAIRS:
        lines.append(f"    ({len(pairs.one_order) - _MOST_PAIRS} more)")
    return lines


def _finding(verdict: Verdict, finding: Finding, full: bool) -> list[str]:
    lines = [plain_text(finding.first_line), ""]  # never cut: the summary shows this line
    if finding.trace:
        actors = ", ".join(dict.fromkeys(step.actor for step in finding.trace))
        lines += [*_broken(f"{verdict.subject.shown or verdict.target}    actors: {actors}"), ""]
    told = story(verdict, finding)
    lines += _paragraphs(told, FACTS)
    if finding.racing is not None:
        one, other = (finding.trace[index] for index in finding.racing)
        heading = "THESE TWO RACE" if finding.explanation.races else "THESE TWO COLLIDE"
        lines += [f"  {heading}", *side_by_side(one, other, full), ""]
    lines += _paragraphs(told, REASONS)
    if finding.trace:
        racing = finding.racing or ((finding.step,) if finding.step is not None else ())
        hint = " (replay --full shows all)" if verdict.subject.within_reach else ""
        left = f"LEFT: {finding.left}" if finding.left else ""
        shown = table(finding.trace, finding.segment, racing, full, left, hint)
        lines += [*(f"  {line}".rstrip() for line in shown), ""]
    lines += _paragraphs(told, SEQUEL)
    lines += _paragraphs(told, PASTE)
    return lines[:-1] if lines[-1] == "" else lines


def _paragraphs(told: tuple[Paragraph, ...], part: str) -> list[str]:
    """One part of a story.

    A blank line follows the part, and precedes each paragraph whose heading stands above it.
    """
    lines: list[str] = []
    for paragraph in told:
        if paragraph.part == part:
            shown = _paragraph(paragraph)
            apart = paragraph.heading == LIFE or len(paragraph.heading) > _LONGEST_BESIDE
            lines += ["", *shown] if lines and apart else shown
    return [*lines, ""] if lines else []


def _paragraph(paragraph: Paragraph) -> list[str]:
    heading = paragraph.heading
    if not heading or heading == LIFE:
        hang = _BESIDE if heading else _INDENT
        return [line for text in paragraph.lines for line in _broken(text, _INDENT, hang)]
    if len(heading) > _LONGEST_BESIDE:
        below = [line for text in paragraph.lines for line in _broken(text, 4, 4 + paragraph.hang)]
        return [f"  {heading}", *below]
    beside = _BESIDE if paragraph.part == REASONS else _BESIDE + 2
    beside = max(beside, _INDENT + len(heading) + 2)
    lines: list[str] = []
    for text in paragraph.lines:
        whole = paragraph.part == PASTE  # never cut a line to paste
        lines += [" " * beside + text] if whole else _broken(text, beside, beside)
    return [f"  {heading:<{beside - 2}}{lines[0][beside:]}", *lines[1:]]


def _broken(text: str, indent: int = _INDENT, hang: int = _INDENT) -> list[str]:
    """An indented line; if it is too long, it is broken, and the rest is indented by `hang`."""
    text = plain_text(text)
    if indent + len(text) <= WIDTH:
        return [" " * indent + text]
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * hang,
        break_on_hyphens=False,
    )  # fmt: skip
