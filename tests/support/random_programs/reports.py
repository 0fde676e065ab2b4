"""Holds the report on a random failing program against plain enumeration of its schedules.

1. The counts: so many distinct schedules there are, and in so many of them the same is found.
2. The schedule that is shown: none with fewer faults, or as many and fewer preemptions, shows it.
3. The two steps that race: some schedule has them the other way round, and there this pair is not
   found.  Two that are in order are in this order in each schedule.
4. The order that would help: no schedule that keeps it fails, and so many there are.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.faults.rules import Fault, parse
from shmrace.engine.session import Session
from shmrace.explain.frequency import Likeness, likeness
from shmrace.explorers import Bounded, Point
from shmrace.judgement.execution import Execution
from shmrace.model.record import Record
from shmrace.model.schedule import Choice
from shmrace.model.trace import Step, canonical
from shmrace.model.verdict import Finding
from shmrace.scenario.base import Scenario
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search
from tests.support.random_programs.features import Feature
from tests.support.random_programs.generator import program
from tests.support.random_programs.handovers import handover
from tests.support.random_programs.program import Program
from tests.support.random_programs.searches import NeedsRealEnds
from tests.support.random_programs.source import scenario_of

ABOUT = (
    Feature.FILES, Feature.LINKS, Feature.RENAMES, Feature.LOOKS, Feature.SIZES, Feature.BYTES,
    Feature.FLOCKS, Feature.MESSAGES, Feature.LOOKOUTS, Feature.BARRIERS, Feature.KILLS,
)  # fmt: skip
"""What the programs use: no children and no polling, so that all schedules can be enumerated."""

BY_ITSELF: dict[frozenset[str], tuple[Feature, ...]] = {
    frozenset({"start", "checkpoint"}): (),
    frozenset({"send"}): (Feature.LOOKOUTS,),
    frozenset({"end", "exit"}): (Feature.FLOCKS,),
}
"""Operations whose place among those of others makes no difference, unless the program uses one of
these features: who does not wait sees whether a message was sent, and an end gives locks back."""

LONGEST = 4
"""So many instructions of each rank are kept."""

Place = tuple[str, str, int]
"""The n-th time, from 1, that an actor does an operation."""


@dataclass(frozen=True)
class Ran:
    """What one execution of the enumeration came to."""

    found: frozenset[Likeness]
    kinds: tuple[str, ...]  # of what is not accepted, the root first
    order: tuple[Place, ...]
    raced: frozenset[tuple[Place, Place]]  # the racing pairs of its breaches


@dataclass
class Enumerated:
    """All executions of a program, one of each trace class."""

    complete: bool = False
    executions: int = 0
    classes: dict[str, Ran] = field(default_factory=dict)


@dataclass
class Checked:
    """What became of one program."""

    seed: int
    kind: str = ""  # of its finding; empty if it does not fail
    held: list[str] = field(default_factory=list)  # what could be checked
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        told = f"{self.kind}: {', '.join(self.held)}" if self.kind else "passes"
        return f"seed {self.seed}: {told}; {self.seconds:.1f} s"


def drawn_of(seed: int) -> Program:
    """An odd seed draws a handover; an even one any program, cut to what has few enough orders."""
    if seed % 2:
        return handover(seed)
    drawn = program(seed, ABOUT)
    ranks = tuple(body[:LONGEST] for body in drawn.ranks[:2])
    return replace(drawn, ranks=ranks, checkpoints=False)


def checked(seed: int, most: int = 400) -> Checked:
    """Search a program, and hold the report on its finding against `most` executions or fewer."""
    began = time.monotonic()
    drawn = drawn_of(seed)
    scenario = scenario_of(drawn).replaced(strict=True)
    faults = [parse(text) for text in drawn.faults]
    at_once = _at_once(drawn) if not faults else frozenset()
    found = Checked(seed)
    options = SearchOptions.parse(faults=drawn.faults, budget="10s, 60 executions")
    verdict = Search(scenario, options).run()
    if verdict.status == "fail":
        found.kind = verdict.findings[0].kind
        start = verdict.start
        try:
            whole = enumerated(scenario.replaced(start=start), faults, most, at_once)
        except NeedsRealEnds:
            start = "fork"
            whole = enumerated(scenario.replaced(start=start), faults, most, at_once)
        for finding in (*verdict.findings, *verdict.also):
            _check(found, scenario.replaced(start=start), faults, finding, whole, most)
    found.seconds = time.monotonic() - began
    return found


def _at_once(drawn: Program) -> frozenset[str]:
    kept = [some for some, but in BY_ITSELF.items() if not set(but) & set(drawn.features)]
    return frozenset().union(*kept)


def _check(
    found: Checked, scenario: Scenario, faults: Sequence[Fault], finding: Finding,
    whole: Enumerated, most: int,
) -> None:  # fmt: skip
    checks = {
        "count": _counts(finding, whole),
        "pair": _pair(finding, whole),
        "simplest": _simplest(finding, scenario, faults, most),
        "fix": _fix(finding, scenario, most),
    }
    for name, check in checks.items():
        said = list(check)
        found.held += [name] if said != [None] else []
        found.wrong += [f"{finding.kind}: {name}: {text}" for text in said if text]


def enumerated(
    scenario: Scenario, faults: Sequence[Fault], most: int, at_once: Collection[str] = (),
    preemptions: int | None = None, waits: Collection[tuple[str, str]] = (),
) -> Enumerated:  # fmt: skip
    """Up to so many executions, in plain order; `waits` are pairs (what must wait, for what)."""
    explorer = Bounded(preemptions=preemptions)
    found = Enumerated()

    def choose(execution: EngineExecution) -> int | None:
        choices = execution.choices()
        alone = [one for one in choices if one.operation in at_once]
        offered = alone[:1] or [one for one in choices if not _waits(one, execution, waits)]
        if not offered:
            return None
        return choices.index(offered[explorer.choose(Point(offered, execution.turns))])

    with Session(scenario, faults) as session:
        while found.executions < most and explorer.begin():
            engine = session.run(choose)
            explorer.finish(engine.turns, engine.pending())
            if engine.observations.real_ends and scenario.start == "warm":
                raise NeedsRealEnds(engine.observations.real_ends)
            found.executions += 1
            if not engine.given_up:
                found.classes.setdefault(canonical(engine.turns), _ran(Execution(engine)))
        else:
            found.complete = found.executions < most
    return found


def _waits(choice: Choice, execution: EngineExecution, waits: Collection[tuple[str, str]]) -> bool:
    """Must it wait for something that has not happened, and still can?"""
    if choice.fault:
        return False
    counts: dict[tuple[str, str], int] = {}
    for turn in execution.turns:
        counts[turn.actor, turn.operation] = counts.get((turn.actor, turn.operation), 0) + 1
    nth = counts.get((choice.actor, choice.operation), 0) + 1
    own = _written((choice.actor, choice.operation, nth))
    ended = {actor.name for actor in execution.actors if actor.ended}
    return any(
        needed.partition(".")[0] not in ended and not _happened(needed, counts)
        for waiting, needed in waits
        if waiting == own
    )


def _written(place: Place) -> str:
    actor, operation, nth = place
    return f"{actor}.{operation}" + (f"#{nth}" if nth > 1 else "")


def _happened(text: str, counts: dict[tuple[str, str], int]) -> bool:
    actor, _, rest = text.partition(".")
    operation, _, nth = rest.partition("#")
    return counts.get((actor, operation), 0) >= int(nth or 1)


def _ran(execution: Execution) -> Ran:
    record, breaches = execution.record, execution.unaccepted()
    places = _places(record.trace)
    return Ran(
        frozenset(likeness(one, record) for one in breaches),
        tuple(one.kind for one in breaches),
        tuple(places),
        frozenset((places[one.racing[0]], places[one.racing[1]]) for one in breaches if one.racing),
    )


def _places(trace: Sequence[Step]) -> list[Place]:
    counts: dict[tuple[str, str], int] = {}
    found = []
    for step in trace:
        key = step.actor, step.operation
        counts[key] = counts.get(key, 0) + 1
        found.append((*key, counts[key]))
    return found


def _counts(finding: Finding, whole: Enumerated) -> Iterator[str | None]:
    """None if it cannot be checked."""
    often = finding.explanation.frequency
    if often is None:
        yield "it is not told" if whole.complete else None
        return
    if not (often.all_run and whole.complete):
        yield None
        return
    like = _likeness(finding)
    true = sum(like in one.found for one in whole.classes.values()), len(whole.classes)
    if (often.found, often.schedules) != true:
        yield f"{often.found} of {often.schedules} are {true[0]} of {true[1]}"


def _likeness(finding: Finding) -> Likeness:
    roles = {step.actor: step.actor.rstrip("0123456789") for step in finding.trace}
    return likeness(finding.breach, Record(finding.trace, ledger=None, roles=roles))  # type: ignore[arg-type]


def _pair(finding: Finding, whole: Enumerated) -> Iterator[str | None]:
    if finding.racing is None or not whole.complete or finding.faults:
        yield None
        return
    places = _places(finding.trace)
    first, second = (places[index] for index in finding.racing)
    if first[0] == second[0]:
        yield None
        return
    reversed_ = [
        one
        for one in whole.classes.values()
        if first in one.order
        and second in one.order
        and one.order.index(second) < one.order.index(first)
    ]
    without = [one for one in whole.classes.values() if first not in one.order]
    if finding.explanation.in_order and reversed_:
        yield f"{_written(second)} may come before {_written(first)}"
    if finding.explanation.races and not finding.explanation.in_order:
        if not reversed_ and not without:
            yield f"{_written(second)} never comes before {_written(first)}"
        elif all((first, second) in one.raced for one in (*reversed_, *without)):
            yield f"{_written(second)} before {_written(first)} changes nothing"


def _simplest(
    finding: Finding, scenario: Scenario, faults: Sequence[Fault], most: int
) -> Iterator[str | None]:
    """Fewer faults first: without any; then the same faults with fewer preemptions."""
    tries: list[tuple[Sequence[Fault], int]] = []
    if finding.faults:
        tries.append(((), 3))
    if finding.preemptions:
        tries.append((faults if finding.faults else (), finding.preemptions - 1))
    for some, preemptions in tries:
        seen = enumerated(scenario, some, most, preemptions=preemptions)
        if any(one.kinds[:1] == (finding.kind,) for one in seen.classes.values()):
            shown = f"{len(finding.faults)} faults and {finding.preemptions} preemptions"
            yield f"{shown} are shown, and at most {preemptions} with {len(some)} faults do"


def _fix(finding: Finding, scenario: Scenario, most: int) -> Iterator[str | None]:
    fix = finding.explanation.fix
    if fix is None:
        yield None
        return
    kept = enumerated(scenario, (), most, waits=fix.orders)
    bad = [one.kinds for one in kept.classes.values() if one.kinds]
    if bad:
        yield f"with {fix.orders} kept, {len(bad)} of {len(kept.classes)} fail: {bad[0]}"
