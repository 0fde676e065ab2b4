"""The map of deaths: at which operations the death of which actor leads to a finding.  Pure.

The map leaves out `QUIET` operations, because they change nothing for other actors.  A death before
a quiet operation is entered at the next operation that is not quiet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shmrace.model.explanation import DeathCell, DeathMap
from shmrace.model.operations import QUIET, Operation, Outcome
from shmrace.model.record import Record
from shmrace.model.trace import Step, visible

END = "its end"


@dataclass(frozen=True)
class Died:
    """A death: which actor, after how many of its own steps, and before which operation."""

    actor: str
    place: int
    operation: str


def is_death(step: Step) -> bool:
    """Did a fault kill the actor at this step, or make it exit?"""
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
    """The operations of each actor of the scenario, in the order in which they happened."""
    steps = visible(record.trace)
    return {
        part: tuple(step.operation for step in steps if step.actor == part) for part in record.parts
    }


def death_map(
    deaths: Iterable[tuple[Died, bool, bool]], sequences: Mapping[str, tuple[str, ...]],
    all_run: bool,
) -> DeathMap:  # fmt: skip
    """The map of these deaths.

    `deaths` holds each death with whether it led to the finding, and whether it led to one that is
    accepted.  `sequences` holds the operations of each actor in an execution without deaths.
    """
    cells: dict[tuple[str, str], DeathCell] = {}
    for died, leads, accepted in deaths:
        place = died.actor, _label_at(died, sequences.get(died.actor, ()))
        cell = cells.get(place, DeathCell())
        cells[place] = DeathCell(
            cell.found + leads, cell.accepted + (accepted and not leads), cell.deaths + 1
        )
    victims = [part for part in sequences if any(part == victim for victim, _ in cells)]
    used = {operation for _, operation in cells}
    operations = _merged([_labels(sequences[one]) for one in victims])
    operations += sorted(used.difference(operations))
    shown = tuple(one for one in operations if one in used)
    rows = tuple(
        (victim, tuple(cells.get((victim, one), DeathCell()) for one in shown))
        for victim in victims
    )
    return DeathMap(shown, rows, all_run)


def _label_at(died: Died, sequence: tuple[str, ...]) -> str:
    """The label of the operation before which the actor died, or of the next that is not quiet."""
    if sequence[died.place : died.place + 1] != (died.operation,):  # it took another path
        return died.operation if died.operation not in QUIET else END
    labels = _labels(sequence, all_of_them=True)
    return next((label for label in labels[died.place :] if label), END)


def _labels(sequence: Sequence[str], all_of_them: bool = False) -> list[str]:
    """Labels of the operations that are not quiet, such as "attach 2" for the second attach.

    With `all_of_them`, quiet operations are included with an empty label.
    """
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
    """All labels once, each inserted right behind its predecessor in its own sequence."""
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
