"""A finding as a Mermaid sequence diagram, short enough for a comment on a pull request.

The participants are the actors that accessed the segment, and the segment itself.  Racing steps are
framed, and the last note is the cause.  In texts, every character that could mean something to
Mermaid is written as an entity, so that any text parses.  Syntax: https://mermaid.js.org/syntax
/sequenceDiagram.html
"""

import re
import textwrap
from collections.abc import Sequence

from shmrace.model.operations import ON_A_SEGMENT, Operation
from shmrace.model.trace import Step
from shmrace.model.verdict import Finding, Verdict
from shmrace.reports.evidence import headline, meaning
from shmrace.reports.steps import Gap, Row, concerns, nearest, rows

_MOST_ROWS = 34
_MOST_PARTICIPANTS = 12
_WIDTH = 60  # of a note's lines, in characters
_LONGEST = 400  # characters of one text
_RACE = "rect rgba(255, 60, 60, 0.25)"


def report(verdict: Verdict) -> str:
    """The first finding's diagram, or a note with the verdict; ends with a line feed."""
    if verdict.findings:
        return diagram(verdict.findings[0])
    told = [line for line in (headline(verdict), meaning(verdict)) if line]
    return _text([("a0", verdict.target)], [f"Note over a0: {_wrapped(line)}" for line in told])


def diagram(finding: Finding) -> str:
    """One finding, in 60 lines at most; ends with a line feed."""
    racing = finding.racing or ((finding.step,) if finding.step is not None else ())
    wanted = [
        step
        for step in finding.trace
        if step.index in racing or step.preempts or concerns(step, finding.segment)
    ]
    shown = nearest(rows(wanted, racing), _MOST_ROWS)
    ids = {actor: f"a{place}" for place, actor in enumerate(_actors(shown, finding))}
    participants = [(name, actor) for actor, name in ids.items()]
    if finding.segment is not None:
        participants.append(("s", finding.segment))
    participants = participants or [("a0", finding.actor)]
    ends = dict.fromkeys((participants[0][0], participants[-1][0]))
    cause = f"Note over {','.join(ends)}: {_wrapped(finding.first_line)}"
    return _text(participants, [*_body(shown, finding, ids), cause])


def escaped(text: str) -> str:
    """The text in one line; every character that could mean something to Mermaid is an entity."""
    plain = " ".join(text.split())[:_LONGEST] or "-"
    return re.sub(r"[^A-Za-z0-9 _.,()/=+-]", lambda found: f"#{ord(found[0])};", plain)


def _text(participants: Sequence[tuple[str, str]], body: Sequence[str]) -> str:
    heads = [f"participant {name} as {escaped(shown)}" for name, shown in participants]
    return "\n".join(["sequenceDiagram", *(f"    {line}" for line in (*heads, *body))]) + "\n"


def _actors(shown: Sequence[Row | Gap], finding: Finding) -> list[str]:
    """The actors of the shown steps, in the order of the trace; at most 12, racing ones first."""
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
            lines.append(_RACE if races else "end")
            framed = races
        lines.append(_line(row, finding, ids))
    if framed:
        lines.append("end")
    return lines


def _line(row: Row | Gap, finding: Finding, ids: dict[str, str]) -> str:
    if isinstance(row, Gap):
        return f"Note over a0: {row.rows} more rows"
    step, actor = row.steps[0], ids[row.actor]
    words = f"{row.number}. {row.words}" + (" (interrupts)" if row.preempts else "")
    text = escaped(words)
    about = finding.segment is not None and finding.segment in (step.name, step.segment)
    if about and step.operation in ON_A_SEGMENT:
        return f"{actor}{'->>' if step.ok else '-x'}s: {text}"
    sender = _sender(step, finding)
    if sender in ids and sender != row.actor:
        return f"{ids[sender]}-){actor}: {text}"
    return f"Note over {actor}: {text}"


def _sender(step: Step, finding: Finding) -> str:
    """The actor whose message a step receives; empty if it receives none."""
    sent = finding.because_of(step) if step.operation == Operation.RECV else ()
    return sent[-1].actor if sent else ""


def _wrapped(text: str) -> str:
    lines = textwrap.wrap(" ".join(text.split())[:_LONGEST], _WIDTH) or ["-"]
    return "<br/>".join(escaped(line) for line in lines)
