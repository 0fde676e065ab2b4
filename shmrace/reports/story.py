"""The words of a report on a finding: paragraphs, for all formats.  Pure.

Each paragraph has a heading, which may be empty, and lines of any length.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shmrace.errors import Leak, Livelock, Nondeterminism
from shmrace.explain.deaths import END
from shmrace.model.assumptions import Assumption
from shmrace.model.explanation import DeathCell, DeathMap, Fix, Frequency
from shmrace.model.prose import counted, listed
from shmrace.model.verdict import Finding, Simplicity, Verdict
from shmrace.reports.pasting import pasting, replay
from shmrace.reports.steps import MOST_PRINTED
from shmrace.reports.words import struck, waited_for_the_dead

FACTS, REASONS, SEQUEL, PASTE = "facts", "reasons", "sequel", "paste"
"""The parts of a story, in order.  Formats put the racing pair after the facts, and the table of
steps after the reasons."""

LIFE = "LIFE"
"""The heading of a segment's life; the text format shows only the lines."""

ACCEPT = (
    "if your start-up sweeps it:",
    "    def accept(self, finding, execution):",
    '        return finding.kind == "leak" and execution.deaths',
)


@dataclass(frozen=True)
class Paragraph:
    """A heading, and the lines below or beside it."""

    heading: str
    lines: tuple[str, ...]
    part: str = REASONS
    hang: int = 0  # how many columns the continuation of a long line is indented more


def story(verdict: Verdict, finding: Finding) -> tuple[Paragraph, ...]:
    """All paragraphs on a finding, without its first line, its racing pair and its table."""
    told = finding.explanation
    paragraphs = [
        Paragraph("", tuple(_facts(verdict, finding)), FACTS),
        Paragraph("WHO POLLS WHAT", tuple(_polled(finding)), hang=2),
        Paragraph("WHY", told.why),
        Paragraph("FIX", _fix(told.fix)),
        _unlinkers(told.unlinkers),
        Paragraph("WHERE A DEATH LEAKS", _death_map(finding, told.death_map)),
        Paragraph(LIFE, finding.lives),
        Paragraph("AND THEN", tuple(_sequel(finding)), SEQUEL),
        *_printed(finding),
        Paragraph("NOT COUNTED", tuple(_not_counted(finding)), SEQUEL),
        Paragraph("ALSO SEEN", tuple(_also(verdict, finding)), SEQUEL),
        Paragraph("ACCEPT IT", ACCEPT if _may_be_accepted(finding) else (), SEQUEL),
        *(Paragraph(heading, lines, PASTE) for heading, lines in pasting(verdict, finding)),
    ]
    return tuple(one for one in paragraphs if one.lines)


def _facts(verdict: Verdict, finding: Finding) -> list[str]:
    lines = finding.detail.splitlines() if finding.race is not Livelock else []
    if finding.race is Nondeterminism:
        return lines
    told = finding.explanation.frequency
    often = frequency(told, bool(finding.faults), verdict.assumes)
    always = told is not None and told.every_time
    shown = _schedule(finding, bool(often)) if finding.trace and not always else ""
    return [*lines, " ".join(text for text in (often, shown) if text)]


def _polled(finding: Finding) -> list[str]:
    if finding.race is not Livelock:
        return []
    return [*finding.detail.splitlines(), "So it goes on for ever; hundreds of looks were tried."]


LEFT_OUT = frozenset(Assumption) - {
    Assumption.HOST_SHM, Assumption.WARM, Assumption.INTERCHANGEABLE,
}  # fmt: skip
"""Assumptions under which there are schedules that were not run, although a search is complete."""


def frequency(
    often: Frequency | None, with_faults: bool = False, assumes: Sequence[Assumption] = ()
) -> str:
    """How often the finding happens, in one or two sentences; empty if it is not known."""
    if often is None:
        return ""
    found, ran = often.found, often.schedules
    if found == ran and (LEFT_OUT.intersection(assumes) or not often.apart):
        return _each(ran)
    if with_faults and often.with_death:
        without, quiet = found - often.found_with_death, ran - often.with_death
        text = (
            f"{often.found_with_death} of {often.with_death} distinct schedules with a death fail"
            f" like this, {without} of {quiet} without one"
        )
        return text + (" (all were run)." if often.all_run else "; there are more.")
    if often.all_run or often.images:
        which = "" if often.all_run else ", up to renaming ranks"
        if often.every_time:
            were = "1 was run" if ran == 1 else f"all {ran:,} were run"
            return f"Every schedule fails like this ({were}{which}): a plain bug, not a race."
        fails = "fails" if found == 1 else "fail"
        return f"{found} of {ran:,} distinct schedules {fails} like this (all were run{which})."
    if found == ran > 1:
        return _each(ran)
    return f"At least {found} of {counted(ran, 'distinct schedule')} fail like this."


def _each(ran: int) -> str:
    if ran == 1:
        return "The only schedule that was run fails like this."
    return f"Each of the {ran:,} distinct schedules that were run fails like this."


_SHOWN: dict[Simplicity, str] = {
    Simplicity.SIMPLEST: "the simplest schedule",
    Simplicity.SIMPLIFIED: "the simplest schedule that was tried",
    Simplicity.AS_FOUND: "the schedule in which it was found",
    Simplicity.GIVEN: "the schedule that was given",
}


def _schedule(finding: Finding, shortly: bool) -> str:
    """Which schedule is shown, and what it needs; `shortly` if schedules are spoken of already."""
    what = f"Shown: {_SHOWN[finding.simplicity]}"
    if shortly:
        what = what.removesuffix(" schedule")
    times = finding.preemptions
    needs = f"with {counted(times, 'preemption') if times else 'no preemption'}"
    if finding.faults:
        needs = f"in which {listed([struck(fault) for fault in finding.strikes])}, {needs}"
    simpler = finding.simplicity in (Simplicity.SIMPLIFIED, Simplicity.AS_FOUND)
    return f"{what}, {needs}{'; there may be simpler ones' if simpler else ''}."


def _fix(fix: Fix | None) -> tuple[str, ...]:
    if fix is None:
        return ()
    number = counted(fix.schedules, "schedule")
    if fix.all_run:
        kept = f"all {number} pass" if fix.schedules > 1 else "the only schedule passes"
    else:
        kept = f"the {number} that were tried pass; there are more"
    return (f"{fix.text} Checked: with that order kept, {kept}.",)


def _unlinkers(unlinkers: Sequence[tuple[str, str]]) -> Paragraph:
    width = max((len(actor) for actor, _ in unlinkers), default=0)
    lines, before = [], ""
    for actor, said in unlinkers:
        lines.append(f"{actor:<{width}}  {'the same' if said == before else said}")
        before = said
    return Paragraph("WHO COULD HAVE UNLINKED IT", tuple(lines), hang=width + 2)


def _death_map(finding: Finding, deaths: DeathMap | None) -> tuple[str, ...]:
    """The map as a table: a line for each victim, a column for each operation."""
    if deaths is None or finding.race is not Leak:
        return ()
    cells = [[victim, *map(_cell, row)] for victim, row in deaths.rows]
    head = ["killed before", *deaths.operations]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    lines = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *cells)
    ]
    if any(cell.accepted for _, row in deaths.rows for cell in row):
        lines.append("accepted: it leaks there, too, and the scenario's `accept` tolerates it.")
    return (*lines, *_conclusion(deaths, str(finding.segment)))


def _cell(cell: DeathCell) -> str:
    """Each word stands for all deaths of the cell; else it says for how many."""
    counts = ((cell.found, "LEAK"), (cell.accepted, "accepted"))
    told = [(number, word) for number, word in counts if number]
    if not told:
        return "ok" if cell.deaths else "."
    if told[0][0] == cell.deaths:
        return told[0][1]
    said = [f"{number} {word}" if word != "LEAK" else str(number) for number, word in told]
    return f"{', '.join(said)} of {cell.deaths}"


def _conclusion(deaths: DeathMap, segment: str) -> list[str]:
    """A conclusion from the map, if deaths stop leaking at the same operation for all victims.
    Every kill comes before the victim's end, so nothing follows if only that one is safe."""
    seen = [
        {
            one: cell.found + cell.accepted > 0
            for one, cell in zip(deaths.operations, row, strict=True)
            if cell.deaths
        }
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
    if (safe := deaths.operations[place]) == END or not deaths.all_run:
        return []
    return [f"So: a kill can leak {segment} only if it comes before the victim's {safe}."]


def _sequel(finding: Finding) -> list[str]:
    """What followed from the breach.  After a fault, waiting peers are listed as not counted."""
    peers = () if finding.faults else finding.explanation.peers
    return [*finding.consequences, *(waited_for_the_dead(*one) for one in peers)]


def _printed(finding: Finding) -> list[Paragraph]:
    """What actors printed, if the steps do not hold it."""
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
        f"{listed(actors)} raised {error} because {'they were' if actors[1:] else 'it was'} waiting"
        f" for the victim; not counted as {'findings' if actors[1:] else 'a finding'}."
        for error, actors in raised.items()
    ]


def _also(verdict: Verdict, finding: Finding) -> list[str]:
    """Other kinds of finding, under the first one: how often each happens, and how to see it."""
    if verdict.findings[:1] != (finding,):
        return []
    lines = []
    for one in verdict.also:
        often = frequency(one.explanation.frequency, bool(one.faults), verdict.assumes)
        lines += [f"{one.first_line}. {often}".rstrip(), replay(verdict, one)]
    return lines


def _may_be_accepted(finding: Finding) -> bool:
    return finding.race is Leak and bool(finding.faults)
