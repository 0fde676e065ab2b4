"""Writes a program in which something was found as a file that shows it by itself."""

from shmrace.model.schedule import Schedule
from shmrace.model.token import Token
from shmrace.model.trace import fingerprint, visible
from tests.support.random_programs.comparison import Comparison, Finding, Kind
from tests.support.random_programs.searches import Ran
from tests.support.random_programs.source import NAME, case

MOST_LINES = 20
"""Of what was found, the last: an endless recursion has thousands."""


def case_of(found: Comparison, finding: Finding) -> str:
    """The text of the file: what it shows, the schedule that shows it, and the program."""
    lines = [
        f"{finding.kind.upper()}: {finding.kind.meaning}.",
        "",
        *finding.text.splitlines()[-MOST_LINES:],
        "",
    ]
    faults = [f"--fault '{fault}'" for fault in found.program.faults]
    lines.append(str(found))
    lines.append(" ".join(["shmrace explore FILE:Drawn", *faults]))
    if finding.ran is not None:
        schedule = _with_faults(finding.ran.schedule, found.program.faults)
        lines += [f"shmrace.run(Drawn, {schedule!r})", token_of(found, finding.ran)]
    check = _check(finding.ran) if finding.kind is Kind.MISSED_OUTCOME and finding.ran else ""
    text = "\n".join(lines).replace("\\", "\\\\").replace('"""', "'''")
    return case(found.program, text, check)


def token_of(found: Comparison, ran: Ran) -> str:
    """The token with which `shmrace replay FILE:Drawn TOKEN` runs an execution once more."""
    steps = visible(ran.trace)
    start = (("start", found.start),) if found.start != "warm" else ()
    return str(
        Token(NAME, start, found.program.faults, 1, ran.schedule, fingerprint(steps), len(steps))
    )


def _with_faults(schedule: Schedule, faults: tuple[str, ...]) -> Schedule:
    return Schedule(list(schedule.decisions), faults, 1) if faults else schedule


def _check(ran: Ran) -> str:
    """The body of a method that fails for this outcome."""
    logs = dict(ran.outcome.logs)
    return (
        "seen = {name: repr(log) for name, log in execution.results.items()}\n"
        f"assert seen != {logs!r}, 'what was missed'"
    )
