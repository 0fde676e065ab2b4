"""A sighting: a breach, and everything that the execution in which it was seen tells about it."""

from dataclasses import dataclass

from shmrace.errors import UsageError
from shmrace.judgement.execution import Execution
from shmrace.judgement.invariants.ends import consequences
from shmrace.model.breach import Breach
from shmrace.model.record import Record
from shmrace.model.schedule import Schedule
from shmrace.model.token import Token
from shmrace.model.trace import fingerprint, visible
from shmrace.scenario.base import Scenario


@dataclass(frozen=True)
class Sighting:
    """One execution that shows a breach: plain data, which outlives the execution."""

    breach: Breach
    record: Record
    schedule: Schedule
    preemptions: int
    token: str  # empty where a parameter cannot be written down
    consequences: tuple[str, ...]  # what followed from the breach, in words
    outputs: tuple[tuple[str, str], ...]  # what each actor printed


def sighting(
    breach: Breach, execution: Execution, scenario: Scenario, faults: tuple[str, ...], limit: int
) -> Sighting:
    """A breach as an execution of `scenario` shows it; of `faults` at most `limit` could strike."""
    record = execution.record
    others = [
        _as_consequence(one, breach, record)
        for one in execution.breaches()
        if one.cause != breach.cause
    ]
    before = visible(execution.trace[: breach.step])
    changed = tuple(sorted(scenario.changed().items(), key=lambda item: item[0]))
    made = Token(
        type(scenario).__name__, changed, faults, limit, execution.schedule,
        fingerprint(before), len(before),
    )  # fmt: skip
    outputs = [(name, execution.output(name)) for name in record.parts]
    return Sighting(
        breach,
        record,
        Schedule(execution.decisions, faults, limit),
        execution.preemptions,
        _written(made),
        tuple(others + consequences(record)),
        tuple((name, text) for name, text in outputs if text),
    )


def _written(made: Token) -> str:
    """The token; empty where a parameter cannot be written down."""
    try:
        return str(made)
    except UsageError:
        return ""


def _as_consequence(other: Breach, root: Breach, record: Record) -> str:
    """Another breach of the same execution, told as what followed from the first."""
    if other.race is root.race and other.racing and root.racing and other.step is not None:
        if other.racing[0] == root.racing[0]:
            place = record.place(other.step)
            return f"{other.actor} fails as {root.actor} did (step {other.step + 1}, {place})"
    return other.first_line
