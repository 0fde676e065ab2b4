"""A verdict as text: what a failure looks like on a terminal and in a log.

Its first line is the whole story.  Then the two operations that race, side by side, the life of the
segment, the table, what followed from it, and last the line that replays it.  Pure ASCII.
"""

import linecache
import shlex

from shmrace.reports.table import WIDTH, table
from shmrace.stack import Frame, user_frames
from shmrace.trace import Step
from shmrace.verdict import Finding, RacingPairs, Verdict

_HALF = 46
_MOST_FRAMES = 3
_MOST_PAIRS = 10
_MOST_OUTPUT = 20  # lines of what an actor printed


def report(verdict: Verdict) -> str:
    """All findings, or what a pass rests on; ends with a line feed."""
    if not verdict.findings:
        return "\n".join([summary(verdict), *_foot(verdict)]) + "\n"
    blocks = []
    for finding in verdict.findings:
        blocks.append("\n".join(_finding(verdict, finding)))
    blocks.append("\n".join([summary(verdict), *_foot(verdict)]))
    return _ascii("\n\n".join(blocks) + "\n")


def summary(verdict: Verdict) -> str:
    """One line: the status and the evidence."""
    seen = verdict.trace_classes
    of = f"{seen:,} of {seen:,}" if verdict.trace_classes_of is not None else f"{seen:,}"
    ran = f"{_count(verdict.executions, 'execution')}, {of} different"
    ran += ", the others their images" if verdict.symmetry else ""
    where = f"{verdict.explorer}, {verdict.elapsed:.1f} s"
    if verdict.status == "fail":
        kinds = ", ".join(dict.fromkeys(finding.kind for finding in verdict.findings))
        return f"FAIL {verdict.target}: {kinds} ({ran}; {where})"
    if verdict.status == "inconclusive":
        return f"INCONCLUSIVE {verdict.target}: {verdict.reason} ({ran}; {where})"
    how = "proved" if verdict.proof else "complete" if verdict.complete else "bounded"
    return f"PASS {verdict.target}: {how}, no finding in {ran} ({where})"


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
    if verdict.accepted:
        counted = ", ".join(f"{number} {kind}" for kind, number in verdict.accepted.items())
        lines.append(f"  accepted findings: {counted}")
    for door in verdict.refused:
        lines.append(f"  refused: {door} (no such system call under shmrace)")
    return lines


def _pairs(pairs: RacingPairs) -> list[str]:
    """How much of the races a sampler saw, and which orders it did not come by."""
    lines = [f"  racing pairs: {pairs.both_orders} of {pairs.seen} seen in both orders"]
    lines += [f"    only {one}" for one in pairs.one_order[:_MOST_PAIRS]]
    if len(pairs.one_order) > _MOST_PAIRS:
        lines.append(f"    ({len(pairs.one_order) - _MOST_PAIRS} more)")
    return lines


def _finding(verdict: Verdict, finding: Finding) -> list[str]:
    actors = ", ".join(dict.fromkeys(step.actor for step in finding.trace))
    lines = [finding.first_line, ""]
    if finding.trace:
        lines += [f"  {verdict.shown or verdict.target}    actors: {actors}", ""]
    lines += [f"  {line}" for line in finding.detail.splitlines()]
    if finding.kind != "nondeterminism":
        lines += [f"  {_simplest(finding)}", ""]
    if finding.racing is not None:
        first, second = (finding.trace[index] for index in finding.racing)
        lines += ["  THESE TWO RACE", *_side_by_side(first, second), ""]
    lines += [_wrapped(life, 10) for life in finding.lives]
    if finding.lives:
        lines.append("")
    if finding.trace and finding.kind not in ("deadlock", "hang"):
        racing = finding.racing or ((finding.step,) if finding.step is not None else ())
        lines += [f"  {line}" for line in table(finding.trace, finding.segment, racing)]
        lines.append("")
    for number, text in enumerate(finding.consequences):
        lines.append(_wrapped(f"{'AND THEN' if number == 0 else '        '}  {text}", 12))
    if finding.consequences:
        lines.append("")
    lines += _printed(finding)
    if finding.kind != "nondeterminism":
        lines.append(f"  REPLAY    {_replay(verdict, finding)}")
    return lines


def _simplest(finding: Finding) -> str:
    if not finding.trace:
        return ""
    times = finding.preemptions
    if not times and not finding.faults:
        return "This is the simplest schedule: nobody had to be interrupted."
    said = list(finding.faults)
    if times:
        said.append(_count(times, "actor had to be interrupted", "actors had to be interrupted"))
    return f"This is the simplest schedule found: {', and '.join(said)}."


def _side_by_side(first: Step, second: Step) -> list[str]:
    left, right = _block(first), _block(second)
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    pairs = zip(left, right, strict=True)
    return [f"    {one:<{_HALF}.{_HALF}}| {other:.{_HALF}}".rstrip() for one, other in pairs]


def _block(step: Step) -> list[str]:
    gone = ": gone" if step.outcome == "ENOENT" else ""
    what = step.name or step.segment or ""
    lines = [f"step {step.number:<4}{step.actor}   {step.operation} {what}{gone}"]
    for frame in user_frames(step.stack)[:_MOST_FRAMES]:
        lines.append(f"{frame.short}   {frame.function}")
        source = _source(frame)
        if source:
            lines.append(f"    {_cut(source, _HALF - 4)}")
    return lines


def _source(frame: Frame) -> str:
    return linecache.getline(frame.path, frame.line).strip()


def _printed(finding: Finding) -> list[str]:
    lines = []
    for actor, text in finding.outputs:
        printed = text.splitlines()
        lines.append(f"  {actor} printed:")
        lines += [f'  " {line}' for line in printed[:_MOST_OUTPUT]]
        if len(printed) > _MOST_OUTPUT:
            lines.append(f"    ({len(printed) - _MOST_OUTPUT} more lines)")
    return [*lines, ""] if lines else []


def _replay(verdict: Verdict, finding: Finding) -> str:
    if not finding.token:  # a parameter that only code can make
        return f"shmrace.run({verdict.shown}, {finding.schedule!r}).check()"
    if verdict.target.isidentifier():  # a class that only its own test can reach
        return f'shmrace.run({verdict.target}, "{finding.token}").check()'
    return f"shmrace replay {shlex.quote(verdict.target)} {finding.token}"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _wrapped(text: str, indent: int) -> str:
    """A long line, broken at spaces, the rest indented."""
    words, lines = text.split(" "), ["  "]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > WIDTH and lines[-1].strip():
            lines.append(" " * indent)
        lines[-1] += word + " "
    return "\n".join(line.rstrip() for line in lines)


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()
