"""A finding as a Mermaid sequence diagram, short enough for a comment on a pull request.

The actors that touched the segment and the segment itself are the participants; what races is
framed; the last note is the cause.  Every character of a text that could mean something to Mermaid
is written as an entity, so that any text parses.  Syntax: https://mermaid.js.org/syntax
/sequenceDiagram.html
"""

import re
import textwrap
from collections.abc import Sequence

from shmrace.reports.evidence import headline, meaning
from shmrace.reports.rows import Gap, Row, concerns, nearest, rows
from shmrace.trace import Step
from shmrace.verdict import Finding, Verdict

_MOST_ROWS = 34
_MOST_PARTICIPANTS = 12
_WIDTH = 60  # of a note's lines, in characters
_LONGEST = 400  # characters of one text
_RACE = "rect rgba(255, 60, 60, 0.25)"
_ON_THE_SEGMENT = frozenset("create attach size unlink link rename map truncate write read".split())


def report(verdict: Verdict) -> str:
    """The first finding's diagram, or a note with the verdict; at most 60 lines or so."""
    if verdict.findings and verdict.findings[0].trace:
        return "\n".join(_diagram(verdict.findings[0])) + "\n"
    lines = [headline(verdict), meaning(verdict)]
    return "\n".join(
        ["sequenceDiagram", f"    participant a0 as {escaped(verdict.target)}"]
        + [f"    Note over a0: {_wrapped(line)}" for line in lines if line]
    ) + "\n"  # fmt: skip


def escaped(text: str) -> str:
    """The text in one line, with every character as an entity that might mean something."""
    plain = " ".join(text.split())[:_LONGEST] or "-"
    return re.sub(r"[^A-Za-z0-9 _.,()/=+-]", lambda found: f"#{ord(found[0])};", plain)


def _diagram(finding: Finding) -> list[str]:
    racing = finding.racing or ((finding.step,) if finding.step is not None else ())
    wanted = [
        step
        for step in finding.trace
        if step.index in racing or concerns(step, finding.segment) or step.preempts
    ]
    shown = nearest(rows(wanted, racing), _MOST_ROWS)
    actors = _actors(shown, finding)
    ids = {actor: f"a{place}" for place, actor in enumerate(actors)}
    lines = ["sequenceDiagram"]
    lines += [f"    participant {name} as {escaped(actor)}" for actor, name in ids.items()]
    if finding.segment is not None:
        lines.append(f"    participant s as {escaped(finding.segment)}")
    lines += _body(shown, finding, ids)
    last = "s" if finding.segment is not None else f"a{len(actors) - 1}"
    over = f"a0,{last}" if last != "a0" else "a0"
    lines.append(f"    Note over {over}: {_wrapped(finding.first_line)}")
    return lines


def _actors(shown: Sequence[Row | Gap], finding: Finding) -> list[str]:
    """Those that do something in the picture, in the order of the trace; not too many."""
    acting = {row.actor for row in shown if isinstance(row, Row)}
    ordered = [one for one in dict.fromkeys(step.actor for step in finding.trace) if one in acting]
    racing = {row.actor for row in shown if isinstance(row, Row) and row.racing}
    ranked = sorted(ordered, key=lambda one: (one not in racing, ordered.index(one)))
    kept = set(ranked[:_MOST_PARTICIPANTS])
    return [one for one in ordered if one in kept]


def _body(shown: Sequence[Row | Gap], finding: Finding, ids: dict[str, str]) -> list[str]:
    lines: list[str] = []
    framed = False
    for row in shown:
        if isinstance(row, Row) and row.actor not in ids:
            continue
        races = isinstance(row, Row) and row.racing
        if races != framed:
            lines.append(f"    {_RACE}" if races else "    end")
            framed = races
        lines.append(f"    {_line(row, finding, ids)}")
    if framed:
        lines.append("    end")
    return lines


def _line(row: Row | Gap, finding: Finding, ids: dict[str, str]) -> str:
    if isinstance(row, Gap):
        return f"Note over a0: {row.rows} more steps"
    step, actor = row.steps[0], ids[row.actor]
    words = f"{row.number}. {row.words}" + (" (interrupts)" if row.preempts else "")
    text = escaped(words)
    about = finding.segment is not None and finding.segment in (step.name, step.segment)
    if about and step.operation in _ON_THE_SEGMENT:
        return f"{actor}{'->>' if step.ok else '-x'}s: {text}"
    sender = _sender(step, finding)
    if sender in ids and sender != row.actor:
        return f"{ids[sender]}-){actor}: {text}"
    return f"Note over {actor}: {text}"


def _sender(step: Step, finding: Finding) -> str:
    """Whose message it takes; empty if it takes none."""
    sent = [
        finding.trace[index]
        for index in step.after
        if step.operation == "recv" and 0 <= index < len(finding.trace)
    ]
    return sent[-1].actor if sent else ""


def _wrapped(text: str) -> str:
    lines = textwrap.wrap(" ".join(text.split())[:_LONGEST], _WIDTH) or ["-"]
    return "<br/>".join(escaped(line) for line in lines)
