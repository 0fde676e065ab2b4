"""Verdicts and findings: what a search ends with, as plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shmrace.errors import RACES, Inconclusive, RaceFound
from shmrace.model.explanation import Explanation
from shmrace.model.schedule import Schedule
from shmrace.model.trace import Step

ASSUMPTIONS = (
    "message-order", "timeouts", "signals", "fork", "host-shm", "warm", "data-races",
    "bounded-retries", "python-gate", "interchangeable",
)  # fmt: skip
"""Everything that a verdict may rest on beyond what was run, in the order it is listed."""

HELD, BROKEN, NOT_EXERCISED = "held", "broken", "not exercised"


@dataclass(frozen=True)
class Finding:
    """One breach of one invariant in one execution."""

    kind: str
    message: str  # one line, the whole story, without the kind
    actor: str = ""
    step: int | None = None  # index into the trace
    segment: str | None = None
    cause: str = ""  # equal for findings that have the same cause
    racing: tuple[int, int] | None = None  # indices of the two steps that race
    consequences: tuple[str, ...] = ()
    detail: str = ""  # more lines: an exception's traceback, who waits for whom
    schedule: Schedule = Schedule()
    preemptions: int = 0
    faults: tuple[str, ...] = ()
    token: str = ""
    trace: tuple[Step, ...] = ()
    lives: tuple[str, ...] = ()  # the life of each segment it is about
    outputs: tuple[tuple[str, str], ...] = ()  # what actors printed
    explanation: Explanation = Explanation()

    @property
    def first_line(self) -> str:
        return f"{self.kind}: {self.message}"


@dataclass(frozen=True)
class RacingPairs:
    """How many racing pairs a search met, and those that it met in one order only."""

    seen: int
    one_order: tuple[str, ...]  # as in "rank0.unlink before rank1.attach", sorted

    @property
    def both_orders(self) -> int:
        return self.seen - len(self.one_order)


@dataclass(frozen=True)
class Door:
    """Where a reader goes on from a report: known by whoever asked for the search."""

    test: str = ""  # the id of a pytest test, from the directory pytest ran in
    more: str = ""  # a file or a folder with the rest


Presenter = Callable[["Verdict"], str]


def present_with(presenter: Presenter) -> None:
    """Let `presenter` write the messages of the errors that `Verdict.check` raises.

    A verdict knows no report; the package ties the two together when it is imported.
    """
    _present.append(presenter)


_present: list[Presenter] = [lambda verdict: verdict.findings[0].first_line]


@dataclass(frozen=True)
class Verdict:
    """Pass, fail or inconclusive, with what it rests on."""

    target: str  # as the user named it
    parameters: dict[str, Any]
    ranks: int
    explorer: str
    start: str
    status: str  # "pass", "fail" or "inconclusive"
    complete: bool  # every trace class within the scenario was run
    assumes: tuple[str, ...]
    assertions: dict[str, str]
    executions: int
    trace_classes: int
    elapsed: float  # seconds
    steps: int = 0  # gates that were let through, over all executions
    gate: str = "seccomp"
    racing_pairs: RacingPairs | None = None  # what a sampler met; None: every order was meant
    symmetry: bool = False  # were classes left out because they differ in who is who alone?
    note: str = ""  # what shmrace did differently than it was asked to, and why
    reason: str = ""  # why it is inconclusive
    accepted: dict[str, int] = field(default_factory=dict)  # tolerated findings, by kind
    refused: tuple[str, ...] = ()  # doors past the gate that were tried, and are closed
    findings: tuple[Finding, ...] = ()
    seed: int = 0
    shown: str = ""  # the scenario as code
    door: Door = Door()

    @property
    def trace_classes_of(self) -> int | None:
        """How many trace classes there are; None where the search did not run them all, or only
        one of those that differ in who is who."""
        return self.trace_classes if self.complete and not self.symmetry else None

    @property
    def proof(self) -> bool:
        return self.status == "pass" and self.complete and not (self.assumes or self.accepted)

    @property
    def word(self) -> str:
        """What it came to: proved, complete, bounded, found or inconclusive."""
        if self.status != "pass":
            return "found" if self.findings else "inconclusive"
        return "proved" if self.proof else "complete" if self.complete else "bounded"

    def check(self) -> Verdict:
        """Raise the typed error of the first finding, or `Inconclusive`; return self on a pass."""
        error: Inconclusive | RaceFound
        if self.status == "inconclusive":
            error = Inconclusive(self.reason)
        elif self.findings:
            error = RACES[self.findings[0].kind](_present[-1](self))
        else:
            return self
        error.verdict = self
        raise error
