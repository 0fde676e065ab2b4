"""Verdicts made by hand, plain ones and hostile ones."""

import dataclasses
from dataclasses import replace
from pathlib import Path
from typing import Any

from shmrace.errors import Leak, MissingSegment
from shmrace.model.assumptions import Assumption
from shmrace.model.breach import Breach
from shmrace.model.objects import Mode, bytes_of
from shmrace.model.schedule import Schedule
from shmrace.model.stack import Frame
from shmrace.model.trace import Step
from shmrace.model.verdict import Finding, RacingPairs, Simplicity, Subject, Verdict

HELD = frozenset({(bytes_of("sender#0"), Mode.READ)})
HOSTILE = (
    "<script>hacked=1</script></style>\"' {{ 7 * 7 }} ]]> ```` ; end %% #35; --> | \u2028 rank"
)
"""A name, an exception's text, a source line."""


def step(index: int, actor: str, operation: str, outcome: str = "ok", **more: Any) -> Step:
    return Step(index, actor, operation, outcome, **more)


def on(segment: str = "seg0", **more: Any) -> dict[str, Any]:
    """What a step on a segment has, besides."""
    return {"segment": segment, "subject": f"sender#{segment[3:]}", **more}


def trace(frames: tuple[Frame, ...] = ()) -> tuple[Step, ...]:
    """A sender and two ranks; rank0 unlinks what rank1 has not attached yet."""
    return (
        step(0, "sender", "start"),
        step(1, "sender", "create", name="seg0", **on()),
        step(2, "sender", "size", detail="64 B", **on()),
        step(3, "sender", "map", accesses=HELD, **on()),
        step(4, "sender", "broadcast", detail="-> rank0, rank1"),
        step(5, "sender", "exit"),
        step(6, "rank0", "recv", detail="<- sender", after=(4,)),
        step(7, "rank0", "attach", name="seg0", **on()),
        step(8, "rank0", "map", accesses=HELD, **on()),
        step(9, "rank1", "sleep", preempts=True),
        step(10, "rank1", "sleep"),
        step(11, "rank0", "checkpoint", accesses=HELD, preempts=True),
        step(12, "rank0", "unlink", name="seg0", stack=frames, **on()),
        step(13, "rank0", "exit"),
        step(14, "rank1", "recv", detail="<- sender", after=(4,)),
        step(15, "rank1", "attach", "ENOENT", name="seg0", stack=frames),
        step(16, "rank1", "end", "raised", detail="FileNotFoundError"),
        step(17, "rank1", "exit"),
    )


FINDING = Finding(
    Breach(
        MissingSegment,
        "rank0 unlinks seg0 (a.py:1) before rank1 attaches it (a.py:2)",
        actor="rank1",
        step=15,
        segment="seg0",
        racing=(12, 15),
        detail="rank1 raised FileNotFoundError",
    ),
    schedule=Schedule([0, 1]),
    simplicity=Simplicity.SIMPLEST,
    preemptions=2,
    token="sr1-abc-def",
    trace=trace(),
    lives=("seg0    created by sender:2 -> unlinked by rank0:13",),
    consequences=("rank2 waited in vain",),
    outputs=(("rank1", "hello\nthere\n"),),
)

VERDICT = Verdict(
    Subject("case.py:Case", {"ranks": 2}, 2, "Case()"),
    explorer="dpor",
    start="fork",
    status="fail",
    complete=False,
    assumes=(),
    assertions={"no_missing_segment": "broken", "no_leaks": "held"},
    executions=3,
    trace_classes=3,
    elapsed=0.5,
    findings=(FINDING,),
)

PROVED = replace(
    VERDICT, status="pass", complete=True, findings=(), assertions={"no_leaks": "held"}
)
ASSUMING = replace(
    PROVED, assumes=(Assumption.WARM,), accepted={"leak": 8}, refused=("io_uring_setup",)
)
SAMPLED = replace(
    PROVED,
    complete=False,
    explorer="walk",
    seed=7,
    racing_pairs=RacingPairs(12, tuple(f"a.unlink before b{n}.attach" for n in range(11))),
)
UNCLEAR = replace(PROVED, status="inconclusive", complete=False, reason="no segment was created")


def changed(finding: Finding, **fields: Any) -> Finding:
    """The same finding with other fields, of its breach or of its own."""
    of_breach = {name: fields.pop(name) for name in list(fields) if name in _OF_BREACH}
    return replace(finding, breach=replace(finding.breach, **of_breach), **fields)


_OF_BREACH = {field.name for field in dataclasses.fields(Breach)}


def called(verdict: Verdict, target: str, shown: str = "") -> Verdict:
    """The same verdict on a scenario that is called otherwise."""
    return replace(verdict, subject=replace(verdict.subject, target=target, shown=shown))


def hostile(folder: Path) -> Verdict:
    """Two findings in which whatever a user can name is `HOSTILE`; `folder` gets a source file."""
    source = folder / "hostile.py"
    source.write_text(HOSTILE + "\n", encoding="utf-8")
    frames = (Frame(str(source), 1, HOSTILE),)
    renamed = tuple(
        replace(one, actor=one.actor.replace("rank1", HOSTILE), name=one.name and HOSTILE)
        for one in trace(frames)
    )
    first = changed(
        FINDING, message=HOSTILE, actor=HOSTILE, segment=HOSTILE, trace=renamed, detail=HOSTILE,
        lives=(HOSTILE,), consequences=(HOSTILE,), outputs=((HOSTILE, HOSTILE),), token="",
    )  # fmt: skip
    second = changed(FINDING, race=Leak, message="seg0 stays", racing=None, step=None)
    return called(replace(VERDICT, findings=(first, second), note=HOSTILE), HOSTILE, HOSTILE)
