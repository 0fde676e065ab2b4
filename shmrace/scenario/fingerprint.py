"""The state of a scenario: it tells whether two instances run the same code with the same values.

Values are compared by their pickles.  Functions are compared by the identity of their code, their
defaults and their closures.  Global variables of modules are not compared.
"""

import hashlib
import pickle
import types
from dataclasses import dataclass
from typing import Any

from shmrace.scenario.base import Scenario


@dataclass(frozen=True)
class State:
    """States with equal digests are equal.

    A digest contains the `id` of each of `objects`, so these must stay alive as long as it is used.
    """

    digest: bytes
    objects: tuple[Any, ...]


def state_of(scenario: Scenario) -> State | None:
    """The state of an instance; None if something in it cannot be pickled."""
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
    """The objects that determine what a function does, except for globals."""
    cells = [cell.cell_contents for cell in function.__closure__ or () if _filled(cell)]
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    return [function.__code__, *defaults, *cells]


def _filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is cell.cell_contents
    except ValueError:
        return False
