"""Verdicts and findings: what a search ends with, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from shmrace.errors import Inconclusive, RaceFound
from shmrace.model.assumptions import Assumption
from shmrace.model.breach import Breach
from shmrace.model.explanation import Explanation
from shmrace.model.schedule import Choice, Schedule
from shmrace.model.trace import Step

REPLAY = "replay"
"""The explorer of a single execution, which was not searched for."""

HELD, BROKEN, NOT_EXERCISED = "held", "broken", "not exercised"


@dataclass(frozen=True)
class Finding:
    """A breach with all that is known of it: the simplest execution that shows it, and why.

    It is made once, by `shmrace.explain.finding`, when everything is known.
    """

    breach: Breach
    schedule: Schedule = Schedule()
    preemptions: int = 0
    strikes: tuple[Choice, ...] = ()  # the faults that struck
    token: str = ""
    trace: tuple[Step, ...] = ()
    lives: tuple[str, ...] = ()  # the life of each segment it is about
    consequences: tuple[str, ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()  # what actors printed
    explanation: Explanation = Explanation()

    @property
    def faults(self) -> tuple[str, ...]:
        """The faults that struck, as they are spelled: "kill:map@rank0"."""
        return tuple(map(str, self.strikes))

    @property
    def race(self) -> type[RaceFound]:
        """The kind, as the error that is raised for it."""
        return self.breach.race

    @property
    def kind(self) -> str:
        """The word of the kind, such as "leak"."""
        return self.breach.kind

    @property
    def message(self) -> str:
        """One line, the whole story, without the kind."""
        return self.breach.message

    @property
    def actor(self) -> str:
        return self.breach.actor

    @property
    def step(self) -> int | None:
        """An index into the trace."""
        return self.breach.step

    @property
    def segment(self) -> str | None:
        return self.breach.segment

    @property
    def racing(self) -> tuple[int, int] | None:
        """The indices of the two steps that race."""
        return self.breach.racing

    @property
    def cause(self) -> str:
        """Equal for findings that have the same cause."""
        return self.breach.cause

    @property
    def detail(self) -> str:
        """More lines: an exception's traceback, which actors wait for what."""
        return self.breach.detail

    @property
    def first_line(self) -> str:
        return self.breach.first_line


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


@dataclass(frozen=True)
class Subject:
    """What a verdict is about, known before the search begins."""

    target: str  # as the user named the scenario
    parameters: dict[str, Any] = field(default_factory=dict)
    ranks: int = 0
    shown: str = ""  # the scenario as code
    door: Door = Door()
    within_reach: bool = True  # of a command line; a class of a function is only in its test's


Presenter = Callable[["Verdict", "Sequence[Finding]"], str]


def present_with(presenter: Presenter) -> None:
    """Let `presenter` write the messages of the errors that `Verdict.check` raises.

    A verdict knows no report; the package ties the two together when it is imported.
    """
    _present.append(presenter)


_present: list[Presenter] = [lambda verdict, findings: findings[0].first_line]


@dataclass(frozen=True)
class Verdict:
    """Pass, fail or inconclusive, with what it rests on."""

    subject: Subject
    explorer: str
    start: str  # how its actors' processes came to be
    status: str  # "pass", "fail" or "inconclusive"
    complete: bool  # every trace class within the scenario was run
    assumes: tuple[Assumption, ...]
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

    @property
    def target(self) -> str:
        """The scenario as the user named it."""
        return self.subject.target

    @property
    def parameters(self) -> dict[str, Any]:
        return self.subject.parameters

    @property
    def ranks(self) -> int:
        return self.subject.ranks

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
        if self.status == "inconclusive":
            inconclusive = Inconclusive(self.reason)
            inconclusive.verdict = self
            raise inconclusive
        if self.findings:
            raise_findings(self, self.findings)
        return self


def raise_findings(verdict: Verdict, findings: Sequence[Finding]) -> NoReturn:
    """Raise the typed error of the first finding; its message is the report on all of them."""
    error = findings[0].race(_present[-1](verdict, findings))
    error.verdict = verdict
    raise error
