"""Where a death leads to a finding: victims by the operation before which they died.  Pure.

Operations that change nothing for anybody else are left out: who dies before one of them dies
before the next one that counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shmrace.model.explanation import DeathMap
from shmrace.model.operations import QUIET, Operation, Outcome
from shmrace.model.record import Record
from shmrace.model.trace import Step, visible

END = "its end"


@dataclass(frozen=True)
class Died:
    """A death: who, after how many steps of its own, and before which operation."""

    actor: str
    place: int
    operation: str


def is_death(step: Step) -> bool:
    """Is this step a fault that killed its actor, or made it leave?"""
    return step.outcome == Outcome.KILLED or (
        step.operation == Operation.EXIT and step.outcome == Outcome.STRUCK
    )


def the_one_death(record: Record) -> Died | None:
    """The only fault of an execution; None if the trace does not show it."""
    for step in record.trace:
        if is_death(step):
            before = visible(record.trace[: step.index])
            place = sum(one.actor == step.actor for one in before)
            return Died(step.actor, place, step.before)
    return None


def sequences_of(record: Record) -> dict[str, tuple[str, ...]]:
    """The operations of each part, in their order."""
    steps = visible(record.trace)
    return {
        part: tuple(step.operation for step in steps if step.actor == part) for part in record.parts
    }


def death_map(
    deaths: Iterable[tuple[Died, bool]], sequences: Mapping[str, tuple[str, ...]]
) -> DeathMap:
    """Each death, and whether it led to the finding, entered where it struck."""
    cells: dict[tuple[str, str], tuple[int, int]] = {}
    for died, leads in deaths:
        operation = _that_counts(died, sequences.get(died.actor, ()))
        bad, all_ = cells.get((died.actor, operation), (0, 0))
        cells[died.actor, operation] = (bad + leads, all_ + 1)
    victims = [part for part in sequences if any(part == victim for victim, _ in cells)]
    used = {operation for _, operation in cells}
    operations = _merged([_labels(sequences[one]) for one in victims])
    operations += sorted(used.difference(operations))
    shown = tuple(one for one in operations if one in used)
    rows = tuple(
        (victim, tuple(cells.get((victim, one), (0, 0)) for one in shown)) for victim in victims
    )
    return DeathMap(shown, rows)


def _that_counts(died: Died, sequence: tuple[str, ...]) -> str:
    """The label of the first operation from a place on that counts."""
    if sequence[died.place : died.place + 1] != (died.operation,):  # it went another way
        return died.operation if died.operation not in QUIET else END
    labels = _labels(sequence, all_of_them=True)
    return next((label for label in labels[died.place :] if label), END)


def _labels(sequence: Sequence[str], all_of_them: bool = False) -> list[str]:
    """What each operation that counts is called; empty for those that do not, if all are wanted."""
    found: list[str] = []
    counts: dict[str, int] = {}
    for operation in sequence:
        label = ""
        if operation in (Operation.END, Operation.EXIT):
            label = END
        elif operation not in QUIET:
            counts[operation] = counts.get(operation, 0) + 1
            label = operation if counts[operation] == 1 else f"{operation} {counts[operation]}"
        found.append(label)
    return found if all_of_them else [label for label in found if label]


def _merged(sequences: Iterable[Sequence[str]]) -> list[str]:
    """All labels, each behind the one that it follows in its own sequence."""
    found: list[str] = []
    for sequence in sequences:
        place = 0
        for label in sequence:
            if label in found:
                place = found.index(label) + 1
            else:
                found.insert(place, label)
                place += 1
    return found
