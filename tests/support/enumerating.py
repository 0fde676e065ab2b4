"""Plain enumeration of a scenario's schedules, for holding the reduction against it.

Every order of the gates is run, without any notion of independence but one: what an actor does by
itself (its start and end, and what it does only with primitives that wait for nobody else) is done
as soon as it can be.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import inf

from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.session import Session
from shmrace.explorers import Bounded, Dpor, Explorer, Point
from shmrace.judgement.execution import Execution
from shmrace.model.schedule import Choice
from shmrace.model.trace import canonical
from shmrace.scenario.base import Scenario

BY_ITSELF = frozenset({"start", "end", "exit", "send", "broadcast", "recv"})
SIZES_AND_MAPPINGS = frozenset({"stat", "map"})

Outcome = tuple[frozenset[tuple[str, str]], str]
"""What was found, by kind and cause, and what the actors returned."""


@dataclass(frozen=True)
class Seen:
    """What all executions of a search came to."""

    executions: int
    classes: frozenset[str]
    outcomes: frozenset[Outcome]


def enumerated(
    scenario: Scenario, at_once: Collection[str] = BY_ITSELF, tells_links: bool = False
) -> Seen:
    """Every order of the gates; those of operations named in `at_once` make no difference.
    `tells_links`: a stat depends on what changes the number of names."""
    return _searched(scenario, Bounded(preemptions=None), at_once, tells_links=tells_links)


def reduced(scenario: Scenario, tells_links: bool = False) -> Seen:
    """One order of each trace class."""
    return _searched(scenario, Dpor(), (), tells_links=tells_links)


def sampled(scenario: Scenario, explorer: Explorer, executions: int) -> Seen:
    """So many orders of the gates, as an explorer draws them."""
    return _searched(scenario, explorer, (), executions)


def _searched(
    scenario: Scenario, explorer: Explorer, at_once: Collection[str], most: float = inf,
    tells_links: bool = False,
) -> Seen:  # fmt: skip
    classes: set[str] = set()
    outcomes: set[Outcome] = set()
    executions = 0

    def choose(execution: EngineExecution) -> int | None:
        choices = execution.choices()
        offered = _offered(choices, at_once)
        chosen = explorer.choose(Point(offered, execution.turns))
        return None if chosen is None else choices.index(offered[chosen])

    with Session(scenario) as session:
        session.tells_links = tells_links
        while executions < most and explorer.begin():
            execution = session.run(choose)
            explorer.finish(execution.turns, execution.pending())
            if execution.given_up:
                continue  # all of it was seen elsewhere
            executions += 1
            classes.add(canonical(execution.turns))
            found = frozenset((one.kind, one.cause) for one in Execution(execution).breaches())
            outcomes.add((found, repr(sorted(execution.results.items()))))
    return Seen(executions, frozenset(classes), frozenset(outcomes))


def _offered(choices: Sequence[Choice], at_once: Collection[str]) -> list[Choice]:
    """One choice alone if it makes no difference, else all of them."""
    alone = [choice for choice in choices if choice.operation in at_once]
    return alone[:1] or list(choices)
