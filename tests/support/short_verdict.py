"""A verdict on one short trace, in which rank1 misses a segment after one preemption."""

from dataclasses import replace

from shmrace.errors import MissingSegment
from shmrace.model.breach import Breach
from shmrace.model.schedule import Schedule
from shmrace.model.trace import Step
from shmrace.model.verdict import Finding, Simplicity
from tests.support import verdicts


def step(index: int, actor: str, operation: str, outcome: str = "ok", **more: object) -> Step:
    return Step(index, actor, operation, outcome, **more)  # type: ignore[arg-type]


TRACE = (
    step(0, "sender", "start"),
    step(1, "sender", "create", name="seg0", segment="seg0"),
    step(2, "sender", "size", segment="seg0", detail="64 B"),
    step(3, "sender", "send", detail="-> rank0, rank1"),
    step(4, "rank0", "attach", name="seg0", segment="seg0"),
    step(5, "rank0", "stat", segment="seg0"),
    step(6, "rank0", "unlink", name="seg0", segment="seg0"),
    step(7, "rank1", "sleep", preempts=True),
    step(8, "rank1", "sleep"),
    step(9, "rank1", "attach", "ENOENT", name="seg0"),
    step(10, "rank1", "end", "raised", detail="FileNotFoundError"),
)

FINDING = Finding(
    Breach(
        MissingSegment,
        "rank0 unlinks seg0 (a.py:1) before rank1 attaches it (a.py:2)",
        actor="rank1",
        step=9,
        segment="seg0",
        racing=(6, 9),
    ),
    schedule=Schedule([1]),
    simplicity=Simplicity.SIMPLEST,
    preemptions=1,
    token="sr1-abc-def",
    trace=TRACE,
    lives=("seg0    created by sender:2 -> unlinked by rank0:7",),
    consequences=("rank2 waited in vain",),
    outputs=(("rank1", "hello\nthere\n"),),
)

VERDICT = replace(
    verdicts.VERDICT,
    assertions={"no_missing_segment": "broken"},
    executions=1,
    trace_classes=1,
    findings=(FINDING,),
)
