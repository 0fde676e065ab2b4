"""A sighting: a breach, together with all data of the execution that showed it."""

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
    """One execution that shows a breach, as plain data that outlives the execution."""

    breach: Breach
    record: Record
    schedule: Schedule
    preemptions: int
    token: str  # empty if a parameter cannot be encoded in a token
    consequences: tuple[str, ...]  # what followed from the breach, in words
    outputs: tuple[tuple[str, str], ...]  # what each actor printed


def sighting(
    breach: Breach, execution: Execution, scenario: Scenario, faults: tuple[str, ...], limit: int
) -> Sighting:
    """The sighting of a breach in an execution; at most `limit` of the `faults` could strike."""
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
    """The token as text; empty if a parameter cannot be encoded in a token."""
    try:
        return str(made)
    except UsageError:
        return ""


def _as_consequence(other: Breach, root: Breach, record: Record) -> str:
    """Another breach of the same execution, worded as a consequence of the reported one."""
    if other.race is root.race and other.racing and root.racing and other.step is not None:
        if other.racing[0] == root.racing[0]:
            place = record.place(other.step)
            return f"{other.actor} fails as {root.actor} did (step {other.step + 1}, {place})"
    return other.first_line
