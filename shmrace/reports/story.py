"""What a report tells about a finding in words: paragraphs, for any form of report.  Pure.

Each has a heading, which may be empty, and its lines; a line may be longer than a terminal is wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shmrace.explain.deaths import END
from shmrace.judgement.invariants.ends import waited_for_the_dead
from shmrace.model.explanation import DeathMap, Fix, Frequency
from shmrace.model.verdict import Finding, Verdict
from shmrace.reports.pasting import pasting
from shmrace.reports.rows import MOST_PRINTED
from shmrace.reports.wording import struck

FACTS, REASONS, SEQUEL, PASTE = "facts", "reasons", "sequel", "paste"
"""The parts of a story, in their order: the racing pair stands behind the facts, the table behind
the reasons."""

LIFE = "LIFE"
"""The heading of what became of the segment; the text shows the lines alone."""

ACCEPT = (
    "if your start-up sweeps it:",
    "    def accept(self, finding, execution):",
    '        return finding.kind == "leak" and execution.deaths',
)


@dataclass(frozen=True)
class Paragraph:
    """A heading and what stands below or beside it."""

    heading: str
    lines: tuple[str, ...]
    part: str = REASONS


def story(verdict: Verdict, finding: Finding) -> tuple[Paragraph, ...]:
    """All that is told of a finding besides its first line, its racing pair and its table."""
    told = finding.explanation
    paragraphs = [
        Paragraph("", tuple(_facts(verdict, finding)), FACTS),
        Paragraph("WHY", told.why),
        Paragraph("FIX", _fix(told.fix)),
        Paragraph("WHO COULD HAVE UNLINKED IT", _unlinkers(told.unlinkers)),
        Paragraph("WHERE A DEATH LEAKS", _death_map(finding, told.death_map)),
        Paragraph(LIFE, finding.lives),
        Paragraph("AND THEN", tuple(_sequel(finding)), SEQUEL),
        *_printed(finding),
        Paragraph("NOT COUNTED", tuple(_not_counted(finding)), SEQUEL),
        Paragraph("ACCEPT IT", ACCEPT if _may_be_accepted(finding) else (), SEQUEL),
        *(Paragraph(heading, lines, PASTE) for heading, lines in pasting(verdict, finding)),
    ]
    return tuple(one for one in paragraphs if one.lines)


def _facts(verdict: Verdict, finding: Finding) -> list[str]:
    lines = finding.detail.splitlines()
    if finding.kind == "nondeterminism":
        return lines
    told = finding.explanation.frequency
    often = frequency(told, bool(finding.faults))
    always = told is not None and told.every_time
    simplest = _simplest(finding, bool(often)) if finding.trace and not always else ""
    return [*lines, " ".join(text for text in (often, simplest) if text)]


def frequency(often: Frequency | None, with_faults: bool = False) -> str:
    """How often it happens, in a sentence or two; empty if it is not known."""
    if often is None:
        return ""
    found, ran = often.found, often.schedules
    if with_faults and often.with_death:
        without, quiet = found - often.found_with_death, ran - often.with_death
        text = (
            f"In {often.found_with_death} of {often.with_death} schedules with a death, in"
            f" {without} of {quiet} without one; "
        )
        return text + ("all were run." if often.all_run else "there are more.")
    if often.all_run or often.images:
        which = "" if often.all_run else ", but for those that differ in who is who alone"
        if often.every_time:
            every = f"In every schedule ({_count(ran, 'was', 'were')} run{which})"
            return f"{every}: no race, it happens each time."
        return f"In {found} of {ran:,} schedules; all {ran:,} were run{which}."
    if found == ran > 1:
        return f"In each of the {ran:,} schedules that were run; there are more."
    return f"In at least {found} of {_count(ran, 'schedule')}; there are more."


def _simplest(finding: Finding, shortly: bool) -> str:
    what = "This is the simplest" if shortly else "This is the simplest schedule"
    times = finding.preemptions
    if not times and not finding.faults:
        return f"{what}: nobody had to be interrupted."
    said = [struck(fault) for fault in finding.faults]
    if times:
        said.append(_count(times, "actor had to be interrupted", "actors had to be interrupted"))
    return f"{what}: {', and '.join(said)}."


def _fix(fix: Fix | None) -> tuple[str, ...]:
    if fix is None:
        return ()
    number = _count(fix.schedules, "schedule")
    if fix.all_run:
        kept = f"all {number} pass" if fix.schedules > 1 else "the only schedule passes"
    else:
        kept = f"the {number} that were tried pass; there are more"
    return (f"{fix.text} Checked: with that order kept, {kept}.",)


def _unlinkers(unlinkers: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    width = max((len(actor) for actor, _ in unlinkers), default=0)
    lines, before = [], ""
    for actor, said in unlinkers:
        lines.append(f"{actor:<{width}}  {'the same' if said == before else said}")
        before = said
    return tuple(lines)


def _death_map(finding: Finding, deaths: DeathMap | None) -> tuple[str, ...]:
    """A line for each victim, a column for each operation before which it died."""
    if deaths is None or finding.kind != "leak":
        return ()
    cells = [[victim, *(_cell(bad, all_) for bad, all_ in row)] for victim, row in deaths.rows]
    head = ["killed before", *deaths.operations]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    lines = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *cells)
    ]
    return (*lines, *_so(deaths))


def _cell(bad: int, all_: int) -> str:
    if not all_:
        return "."
    return "ok" if not bad else "LEAK" if bad == all_ else f"{bad} of {all_}"


def _so(deaths: DeathMap) -> list[str]:
    """Where deaths begin to leak and where they cease to, if it is the same for all."""
    seen = [
        {one: bad > 0 for one, (bad, all_) in zip(deaths.operations, row, strict=True) if all_}
        for _, row in deaths.rows
    ]
    ceases = {
        next((place for place, one in enumerate(deaths.operations) if row.get(one) is False), -1)
        for row in seen
    }
    if len(ceases) != 1 or (place := ceases.pop()) < 1:
        return []
    leaks = {one for row in seen for one, leak in row.items() if leak}
    if leaks & set(deaths.operations[place:]):
        return []
    end = deaths.operations[place]
    return [f"So: a death leaks unless the dead one has come to {_its(end)}; after that none does."]


def _its(operation: str) -> str:
    return operation if operation == END else f"its {operation}"


def _sequel(finding: Finding) -> list[str]:
    """The consequences, but for what a death does to those who wait for the dead."""
    peers = {waited_for_the_dead(*one) for one in finding.explanation.peers}
    left_out = peers if finding.faults else set()
    return [one for one in finding.consequences if one not in left_out]


def _printed(finding: Finding) -> list[Paragraph]:
    """What actors printed, where no step tells when."""
    if any(step.printed for step in finding.trace):
        return []
    found = []
    for actor, text in finding.outputs:
        lines = [f'" {line}' for line in text.splitlines()]
        more = len(lines) - MOST_PRINTED
        rest = [f"({more} more lines)"] if more > 0 else []
        shown = (*lines[:MOST_PRINTED], *rest)
        found.append(Paragraph(f"{actor.upper()} PRINTED", shown, SEQUEL))
    return found


def _not_counted(finding: Finding) -> list[str]:
    if not finding.faults:
        return []
    raised: dict[str, list[str]] = {}
    for actor, error in finding.explanation.peers:
        raised.setdefault(error, []).append(actor)
    return [
        f"{error} in {' and '.join(actors)}: what a death does to those who wait for the dead."
        for error, actors in raised.items()
    ]


def _may_be_accepted(finding: Finding) -> bool:
    return finding.kind == "leak" and bool(finding.faults)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
