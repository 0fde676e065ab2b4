"""Verdicts and findings: the results of a search, as plain data."""

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
from shmrace.model.words import Word

REPLAY = "replay"
"""The explorer's name in a verdict on a single execution, which was not searched."""

HELD, BROKEN, NOT_EXERCISED = "held", "broken", "not exercised"


class Simplicity(Word):
    """How the schedule of a finding was chosen, among those that show it."""

    SIMPLEST = "simplest", "no simplification of it that was tried shows the finding"
    SIMPLIFIED = "simplified", "the time or the tries were used up before that was known"
    AS_FOUND = "as found", "it was not made simpler"
    GIVEN = "given", "it was given, as by a token"


@dataclass(frozen=True)
class Finding:
    """A breach with everything known about it: its simplest execution, and its explanation.

    It is made once, by `shmrace.explain.finding`, when everything is known.
    """

    breach: Breach
    schedule: Schedule = Schedule()
    simplicity: Simplicity = Simplicity.AS_FOUND
    preemptions: int = 0
    strikes: tuple[Choice, ...] = ()  # the faults that struck
    token: str = ""
    trace: tuple[Step, ...] = ()
    turns: tuple[int, ...] = ()  # the first step of each turn; empty: each step is a turn
    lives: tuple[str, ...] = ()  # a line on the life of each segment concerned
    left: str = ""  # what a leak leaves in /dev/shm, such as "seg0, 64 B"
    consequences: tuple[str, ...] = ()  # sentences on what followed from the breach
    outputs: tuple[tuple[str, str], ...] = ()  # (actor, the text that it printed)
    explanation: Explanation = Explanation()

    def because_of(self, step: Step) -> tuple[Step, ...]:
        """The steps that made it possible, or of which it found the news."""
        begins = self.turns or range(len(self.trace))
        steps = [begins[turn] for turn in (*step.after, *step.told_by) if 0 <= turn < len(begins)]
        return tuple(self.trace[index] for index in steps if index < len(self.trace))

    @property
    def faults(self) -> tuple[str, ...]:
        """The faults that struck, as text such as "kill:map@rank0"."""
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
        """One line that says everything but the kind."""
        return self.breach.message

    @property
    def actor(self) -> str:
        """The actor that failed, or that created what is left."""
        return self.breach.actor

    @property
    def step(self) -> int | None:
        """An index into the trace."""
        return self.breach.step

    @property
    def segment(self) -> str | None:
        """The label of the segment, such as "seg0"."""
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
        """More lines, such as a traceback, or which actors wait for what."""
        return self.breach.detail

    @property
    def first_line(self) -> str:
        """The kind and the message."""
        return self.breach.first_line


@dataclass(frozen=True)
class RacingPairs:
    """How many racing pairs a search has seen, and those that it has seen in one order only."""

    seen: int
    one_order: tuple[str, ...]  # as in "rank0.unlink before rank1.attach", sorted

    @property
    def both_orders(self) -> int:
        """How many pairs were seen in both orders."""
        return self.seen - len(self.one_order)


@dataclass(frozen=True)
class Door:
    """Links printed under a report: the pytest node id and the report folder."""

    test: str = ""  # a pytest node id, relative to the directory in which pytest ran
    more: str = ""  # the folder of the report files


@dataclass(frozen=True)
class Subject:
    """The scenario of a verdict, known before the search begins."""

    target: str  # as the user named the scenario
    parameters: dict[str, Any] = field(default_factory=dict)
    ranks: int = 0
    shown: str = ""  # the scenario as code
    door: Door = Door()
    within_reach: bool = True  # can a command line name it?  Not if it is local to a test


Presenter = Callable[["Verdict", "Sequence[Finding]"], str]


def present_with(presenter: Presenter) -> None:
    """Let `presenter` write the messages of the errors that `Verdict.check` raises.

    This module does not import the reports; the package calls this function when it is imported.
    """
    _present.append(presenter)


_present: list[Presenter] = [lambda verdict, findings: findings[0].first_line]


@dataclass(frozen=True)
class Verdict:
    """Pass, fail or inconclusive, with what it rests on."""

    subject: Subject
    explorer: str
    start: str  # how actors get their processes: "warm" or "fork"
    status: str  # "pass", "fail" or "inconclusive"
    complete: bool  # every trace class of the scenario was run
    assumes: tuple[Assumption, ...]
    assertions: dict[str, str]  # name -> HELD, BROKEN or NOT_EXERCISED
    executions: int
    trace_classes: int
    elapsed: float  # seconds
    steps: int = 0  # of all executions together
    gate: str = "seccomp"
    racing_pairs: RacingPairs | None = None  # of a sampler; None for other explorers
    symmetry: bool = False  # were classes left out that differ only in which actor does what?
    note: str = ""  # what shmrace did differently from the user's request, and why
    reason: str = ""  # why it is inconclusive
    accepted: dict[str, int] = field(default_factory=dict)  # tolerated findings, by kind
    opaque: tuple[str, ...] = ()  # calls that shmrace does not know, as "shmget of rank0"
    data_race: str = ""  # who writes what, and who uses it, where `data-races` are assumed
    refused: tuple[str, ...] = ()  # system calls past the gate that actors tried, and that failed
    findings: tuple[Finding, ...] = ()
    also: tuple[Finding, ...] = ()  # other kinds, met while the first finding was counted
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
        """How many trace classes the scenario has; None if the search did not run them all.

        It is also None with symmetry, where only one of several equivalent classes was run.
        """
        return self.trace_classes if self.complete and not self.symmetry else None

    @property
    def proof(self) -> bool:
        """Is this a complete pass that assumes nothing and accepts no finding?"""
        return self.status == "pass" and self.complete and not (self.assumes or self.accepted)

    @property
    def word(self) -> str:
        """The result in a word: proved, complete, bounded, found or inconclusive."""
        if self.status != "pass":
            return "found" if self.findings else "inconclusive"
        return "proved" if self.proof else "complete" if self.complete else "bounded"

    def check(self) -> Verdict:
        """Return self on a pass; else raise the error of the first finding, or `Inconclusive`."""
        if self.status == "inconclusive":
            inconclusive = Inconclusive(self.reason)
            inconclusive.verdict = self
            raise inconclusive
        if self.findings:
            raise_findings(self, self.findings)
        return self


def raise_findings(verdict: Verdict, findings: Sequence[Finding]) -> NoReturn:
    """Raise the error of the first finding; its message is the report on all findings."""
    error = findings[0].race(_present[-1](verdict, findings))
    error.verdict = verdict
    raise error
