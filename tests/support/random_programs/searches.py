"""Runs the schedules of one program: completely by the reduction, in plain order, and drawn.

An outcome is what a user could tell two executions apart by: what each actor's instructions came
to, what its children printed, which names are left, who waits for ever, and how each ended.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shmrace.engine.choosers import by_schedule
from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.faults.rules import Fault
from shmrace.engine.session import Session
from shmrace.explorers import Explorer, Point
from shmrace.judgement.evidence import Evidence
from shmrace.judgement.execution import Execution
from shmrace.linux import open_files
from shmrace.model.schedule import Schedule, worth_trying
from shmrace.model.trace import Step, canonical
from shmrace.scenario.base import Scenario
from shmrace.search.patience import Patience


class NeedsRealEnds(Exception):
    """The processes of this program cannot be kept: it has to run with start="fork"."""


class Impatient(Exception):
    """Actors that were passed over while they polled give up: each of their rounds has to be run;
    the first argument has all their names."""


@dataclass(frozen=True)
class Outcome:
    """What one execution came to, in words that are the same whenever the same happens."""

    logs: tuple[tuple[str, str], ...]
    printed: tuple[str, ...]
    left: tuple[str, ...]  # names in /dev/shm
    blocked: tuple[str, ...]  # who waits for ever
    ends: tuple[str, ...]  # who raised, died, or hangs

    def __str__(self) -> str:
        parts = [f"{actor}: {log}" for actor, log in self.logs]
        for word, some in (
            ("printed", self.printed), ("left", self.left), ("blocked", self.blocked),
            ("ends", self.ends),
        ):  # fmt: skip
            if some:
                parts.append(f"{word}: {', '.join(some)}")
        return "; ".join(parts)


@dataclass(frozen=True)
class Ran:
    """One execution."""

    schedule: Schedule
    trace: tuple[Step, ...]
    trace_class: str
    outcome: Outcome
    disagreement: str  # of the ledger and the directory
    ungated: tuple[str, ...]
    given_up: bool


@dataclass
class Seen:
    """What the executions of a search came to."""

    executions: int = 0
    given_up: int = 0
    complete: bool = False
    cut: bool = False
    seconds: float = 0.0
    classes: dict[str, Ran] = field(default_factory=dict)  # the first of each
    outcomes: dict[Outcome, Ran] = field(default_factory=dict)  # likewise
    twice: list[Ran] = field(default_factory=list)  # those whose class had been run
    unlike: list[tuple[Ran, Ran]] = field(default_factory=list)  # one class, two outcomes
    disagreements: list[Ran] = field(default_factory=list)
    evidence: Evidence = field(default_factory=Evidence)

    def saw(self, ran: Ran) -> None:
        self.executions += 1
        if ran.disagreement:
            self.disagreements.append(ran)
        first = self.classes.setdefault(ran.trace_class, ran)
        if first is not ran:
            self.twice.append(ran)
            if first.outcome != ran.outcome:
                self.unlike.append((first, ran))
        self.outcomes.setdefault(ran.outcome, ran)


@dataclass(frozen=True)
class Bounds:
    """How much is run of one program; `seconds` keep a large program from taking all the time."""

    reduced: int = 3000  # executions
    plain: int = 1000
    drawn: int = 300  # by each sampler
    seconds: float = 20.0  # for each search


def search(
    session: Session, explorer: Explorer, most: int, seconds: float, judged: bool = False
) -> Seen:
    """Up to so many executions; `judged`, with all that a verdict would assume."""
    seen = Seen()
    started = time.monotonic()
    patience = Patience()
    patience.impatient |= session.impatient

    def choose(execution: EngineExecution) -> int | None:
        choices = execution.choices()
        offered = worth_trying(choices, session.impatient) if judged else [*range(len(choices))]
        chosen = explorer.choose(Point([choices[one] for one in offered], execution.turns))
        return None if chosen is None else offered[chosen]

    while seen.executions < most and time.monotonic() - started < seconds and explorer.begin():
        engine, ran = run(session, choose)
        explorer.finish(engine.turns, engine.pending())
        if ran.given_up:
            seen.given_up += 1
            continue
        if judged:
            if any(patience.learn(session, engine)):
                raise Impatient(frozenset(patience.impatient))
            seen.evidence.saw(Execution(engine), ran.trace_class)
        seen.cut |= engine.cut
        seen.saw(ran)
    seen.complete = explorer.complete and not seen.cut
    seen.seconds = time.monotonic() - started
    return seen


def replayed(
    scenario: Scenario, faults: Sequence[Fault], schedules: Sequence[Schedule]
) -> Iterator[Ran]:
    """The same schedules in fresh processes."""
    with Session(scenario.replaced(start="fork"), faults) as session:
        for schedule in schedules:
            yield run(session, by_schedule(schedule))[1]


def run(
    session: Session, choose: Callable[[EngineExecution], int | None]
) -> tuple[EngineExecution, Ran]:
    """One execution; raises `NeedsRealEnds`."""
    with session.execution() as execution:
        while not execution.finished:
            index = choose(execution)
            if index is None:
                execution.given_up = True
                break
            execution.take(index)
        there = _names_in(session)
    if execution.observations.real_ends and session.scenario.start == "warm":
        raise NeedsRealEnds(execution.observations.real_ends)
    outcome = _outcome(execution, there)
    known = tuple(sorted(name for name, _ in execution.ledger.linked()))
    disagreement = ""
    if known != there and not execution.given_up:
        disagreement = f"the ledger knows {_listed(known)}, there is {_listed(there)}"
    return execution, Ran(
        execution.schedule,
        execution.trace,
        canonical(execution.turns),
        outcome,
        disagreement,
        tuple(execution.observations.ungated),
        execution.given_up,
    )


def _names_in(session: Session) -> tuple[str, ...]:
    """All names in the actors' /dev/shm."""
    assert session._server is not None
    top = open_files.path("self", session._server.shm.directory)
    found = []
    for folder, folders, files in os.walk(top):
        below = os.path.relpath(folder, top)
        found += [os.path.normpath(f"{below}/{name}") for name in (*folders, *files)]
    return tuple(sorted(found))


def _outcome(execution: EngineExecution, there: tuple[str, ...]) -> Outcome:
    endings: dict[str, Any] = dict(execution.endings)
    raised = [f"{name} raised {one.error}" for name, one in endings.items() if one.raised]
    died = [f"{one.actor} died with {one.status}" for one in execution.deaths]
    hanging = execution._account.hanging
    hangs = [f"{hanging[0]} hangs"] if hanging else []
    printed = (line for actor in execution.actors for line in _lines(execution, actor.name))
    return Outcome(
        tuple((name, repr(log)) for name, log in sorted(execution.results.items())),
        tuple(sorted(printed)),
        there,
        tuple(sorted(name for name, _ in execution.blocked)),
        tuple(sorted((*raised, *died, *hangs))),
    )


def _lines(execution: EngineExecution, actor: str) -> list[str]:
    return execution.output(actor).splitlines()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
