"""Compares a complete search with plain enumeration and with drawn schedules: what did it miss?

A trace class or an outcome that another search has met and the complete one has not is a fault of
the reduction, as are a class that is run twice and one class with two outcomes.  What is said to be
missed was run once more in fresh processes, with the same outcome.
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from shmrace.engine.faults.rules import Fault, parse
from shmrace.engine.session import Session
from shmrace.explorers import Bounded, Dpor, Explorer, Pos, Urw, Walk
from shmrace.explorers.interface import Nondeterministic
from shmrace.model.assumptions import Assumption
from shmrace.model.operations import Operation
from shmrace.model.schedule import Schedule
from shmrace.model.words import Word
from shmrace.scenario.base import Scenario
from shmrace.search.repeats import difference
from tests.support.random_programs.program import Program
from tests.support.random_programs.searches import (
    Bounds,
    Impatient,
    NeedsRealEnds,
    Ran,
    Seen,
    replayed,
    search,
)
from tests.support.random_programs.source import scenario_of

REPLAYED = 10
"""So many trace classes of the complete search are repeated in fresh processes."""


class Kind(Word):
    """The kinds of fault of shmrace's own, the most serious first."""

    MISSED_OUTCOME = "missed-outcome", "a complete search did not meet what another search met"
    UNLIKE = "unlike", "two executions of one trace class have different outcomes"
    MISSED_CLASS = "missed-class", "the same outcomes, but not all trace classes"
    TWICE = "twice", "a trace class was run twice"
    NONDETERMINISM = "nondeterminism", "the same decisions led elsewhere"
    TRACEBACK = "traceback", "an error of shmrace's own"
    HANG = "hang", "an actor neither moves nor waits"
    LEDGER = "ledger", "the ledger and the directory disagree"
    UNGATED = "ungated", "something changed that no gate explains"


@dataclass(frozen=True)
class Finding:
    """One of them, with the schedule that shows it."""

    kind: Kind
    text: str
    schedule: Schedule | None = None
    ran: Ran | None = None


@dataclass
class Comparison:
    """What became of one program."""

    program: Program
    start: str = "warm"
    complete: bool = False
    plain_complete: bool = False
    executions: int = 0  # of the complete search
    others: int = 0
    classes: int = 0
    outcomes: int = 0
    seconds: float = 0.0
    assumed: tuple[str, ...] = ()
    found: list[Finding] = field(default_factory=list)

    @property
    def proved(self) -> bool:
        """Would a verdict call it a proof, but for what has been found?"""
        inconclusive = any(one.kind in (Kind.UNGATED, Kind.HANG) for one in self.found)
        return self.complete and not self.assumed and not inconclusive

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(kind for kind in Kind if any(one.kind is kind for one in self.found))

    def __str__(self) -> str:
        said = "complete" if self.complete else "not complete"
        if self.complete and not self.assumed:
            said = "proved"
        elif self.assumed:
            said += f", assumes {', '.join(self.assumed)}"
        return (
            f"seed {self.program.seed}: {said}; {self.executions} executions,"
            f" {self.classes} classes, {self.outcomes} outcomes"
            f"{' [fork]' if self.start == 'fork' else ''}; {self.others} others"
            f"{' (all orders)' if self.plain_complete else ''}; {self.seconds:.1f} s;"
            f" {', '.join(self.program.features)}"
        )


def compared(
    program: Program, bounds: Bounds, reduction: Callable[[], Explorer] = Dpor
) -> Comparison:
    """Run a program's schedules, and compare; `reduction` is the search that ought to be complete.

    It starts over where a search of shmrace's would: with processes forked for each execution, and
    with each round of those who give up polling.
    """
    faults = [parse(text) for text in program.faults]
    scenario = scenario_of(program)
    start = "warm"
    impatient: frozenset[str] = frozenset()
    while True:
        found = Comparison(program, start)
        try:
            _compare(found, scenario.replaced(start=start), faults, bounds, reduction(), impatient)
        except Impatient as problem:
            impatient = problem.args[0]
            continue
        except (NeedsRealEnds, Nondeterministic) as problem:
            if start == "warm":
                start = "fork"
                continue
            found.found.append(Finding(Kind.NONDETERMINISM, _told(problem)))
        except Exception:
            found.found.append(Finding(Kind.TRACEBACK, traceback.format_exc()))
        return found


def _told(problem: Exception) -> str:
    if isinstance(problem, Nondeterministic):
        return f"{problem}: expected {problem.expected}, seen {problem.seen}"
    return str(problem)


def _compare(
    found: Comparison, scenario: Scenario, faults: Sequence[Fault], bounds: Bounds,
    reduction: Explorer, impatient: frozenset[str],
) -> None:  # fmt: skip
    with Session(scenario, faults) as session:
        session.impatient = impatient
        session.tells_links = True
        reduced = search(session, reduction, bounds.reduced, bounds.seconds, judged=True)
        found.complete = reduced.complete
        found.executions = reduced.executions
        found.classes, found.outcomes = len(reduced.classes), len(reduced.outcomes)
        found.assumed = tuple(sorted(reduced.evidence.assumed))
        found.seconds = reduced.seconds
        others = list(_others(session, found.program.seed, bounds, reduced.complete))
    found.plain_complete = others[0].complete
    found.others = sum(one.executions for one in others)
    found.seconds += sum(one.seconds for one in others)
    found.found += _own_faults(reduced, others)
    if reduced.complete:
        found.found += _missed(scenario, faults, reduced, others)
    _repeat(scenario, faults, reduced)


def _others(session: Session, seed: int, bounds: Bounds, complete: bool) -> Iterator[Seen]:
    """Fewer where nothing can be said to be missed."""
    part = 1 if complete else 4
    yield search(session, Bounded(preemptions=None), bounds.plain // part, bounds.seconds)
    for explorer in (Walk(seed), Urw(seed), Pos(seed)):
        yield search(session, explorer, bounds.drawn // part, bounds.seconds)


def _own_faults(reduced: Seen, others: Sequence[Seen]) -> Iterator[Finding]:
    """What can be said without a comparison."""
    if reduced.twice:
        ran = reduced.twice[0]
        text = f"{reduced.executions} executions for {len(reduced.classes)} classes"
        yield Finding(Kind.TWICE, text, ran.schedule, ran)
    whole = Seen()
    for seen in (reduced, *others):
        for ran in (*seen.classes.values(), *(again for _, again in seen.unlike)):
            whole.saw(ran)
    for first, second in whole.unlike[:1]:
        text = f"{first.outcome}\n  and {second.outcome}\n  by {first.schedule}"
        yield Finding(Kind.UNLIKE, text, second.schedule, second)
    for ran in [ran for one in (reduced, *others) for ran in one.disagreements][:1]:
        yield Finding(Kind.LEDGER, ran.disagreement, ran.schedule, ran)
    for ran in whole.classes.values():
        if ran.ungated:
            yield Finding(Kind.UNGATED, ran.ungated[0], ran.schedule, ran)
            break
    for outcome, ran in whole.outcomes.items():
        if any(end.endswith("hangs") for end in outcome.ends):
            yield Finding(Kind.HANG, str(outcome), ran.schedule, ran)
            break


def _missed(
    scenario: Scenario, faults: Sequence[Fault], reduced: Seen, others: Sequence[Seen]
) -> Iterator[Finding]:
    """What another search met that is real, and the complete one did not."""
    outcomes = {
        outcome: ran
        for seen in others
        for outcome, ran in seen.outcomes.items()
        if outcome not in reduced.outcomes
    }
    real = []
    for ran, again in zip(
        outcomes.values(),
        replayed(scenario, faults, [ran.schedule for ran in outcomes.values()]),
        strict=True,
    ):
        if again.outcome == ran.outcome:
            real.append(ran)
        else:
            text = f"{ran.outcome}\n  and, in fresh processes, {again.outcome}"
            yield Finding(Kind.NONDETERMINISM, text, ran.schedule, ran)
    for ran in sorted(real, key=lambda ran: len(ran.schedule.decisions)):
        text = f"{ran.outcome}; {len(real)} of {len(reduced.outcomes) + len(real)} were missed"
        yield Finding(Kind.MISSED_OUTCOME, text, ran.schedule, ran)
        return
    classes = {
        one: ran
        for seen in others
        for one, ran in seen.classes.items()
        if one not in reduced.classes
    }
    waits = any(map(_waits, (*reduced.classes.values(), *classes.values())))
    polls = Assumption.TIMEOUTS in reduced.evidence.assumed  # the rounds of others make classes
    if classes and not real and not waits and not polls:
        ran = min(classes.values(), key=lambda ran: len(ran.schedule.decisions))
        text = f"{len(classes)} classes besides {len(reduced.classes)}: {ran.outcome}"
        yield Finding(Kind.MISSED_CLASS, text, ran.schedule, ran)


def _waits(ran: Ran) -> bool:
    """Has somebody waited in it for a call of his own?  Such a call is a step only if it has to
    wait, so that one trace class may have two forms, and the classes of two searches differ."""
    return any(one.automatic and one.operation == Operation.WAIT for one in ran.trace)


def _repeat(scenario: Scenario, faults: Sequence[Fault], reduced: Seen) -> None:
    """Raise `Nondeterministic` if some repetition takes other steps."""
    some = list(reduced.classes.values())[:REPLAYED]
    for ran, again in zip(
        some, replayed(scenario, faults, [ran.schedule for ran in some]), strict=True
    ):
        found = difference(ran.trace, again.trace)
        if found is not None:
            raise found
