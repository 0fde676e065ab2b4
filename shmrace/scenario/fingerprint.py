"""The state of a scenario: whether two instances would run the same code with the same values.

Values are told apart by their pickles, code by its identity: a method that was replaced, a default
or a closure that changed.  What a function finds in its module's globals is not looked at.
"""

import hashlib
import pickle
import types
from dataclasses import dataclass
from typing import Any

from shmrace.scenario.base import Scenario


@dataclass(frozen=True)
class State:
    """Equal digests: equal states, as long as somebody holds the `objects` that they name."""

    digest: bytes
    objects: tuple[Any, ...]


def state_of(scenario: Scenario) -> State | None:
    """None if it cannot be told: something in the instance cannot be pickled."""
    objects: list[Any] = [type(scenario)]
    values: list[Any] = []
    try:
        values.append(pickle.dumps(sorted(vars(scenario).items())))
        for base in type(scenario).__mro__:
            if base in (Scenario, object):
                continue
            for name, value in vars(base).items():
                if name.startswith("__"):
                    continue
                values.append(name)
                if isinstance(value, types.FunctionType):
                    objects += _parts(value)
                elif callable(value) or hasattr(value, "__get__"):
                    objects.append(value)
                else:
                    values.append(pickle.dumps(value))
    except Exception:  # whatever a user's __reduce__ raises
        return None
    text = repr((values, [id(one) for one in objects]))
    return State(hashlib.sha256(text.encode()).digest(), tuple(objects))


def _parts(function: types.FunctionType) -> list[Any]:
    """What makes a function do what it does, but for the globals."""
    cells = [cell.cell_contents for cell in function.__closure__ or () if _filled(cell)]
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    return [function.__code__, *defaults, *cells]


def _filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is cell.cell_contents
    except ValueError:
        return False
