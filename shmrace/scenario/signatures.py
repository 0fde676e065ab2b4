"""The parameters that the methods of a scenario must take.

They are checked before anything runs.  Otherwise a process would fail in its first step.
"""

import inspect
from collections.abc import Iterable
from typing import Any

from shmrace.errors import UsageError

_OWN = {
    "setup": ("world",),
    "check": ("execution",),
    "accept": ("finding", "execution"),
    "uses_segments": (),
}
"""The arguments, besides self, of the methods that are not roles."""


def check(scenario: Any, roles: Iterable[str]) -> None:
    """Raise `UsageError` for a method that does not take the arguments that it will be given."""
    for role in roles:
        given: tuple[str, ...] = ("world",)
        if role == "rank" and hasattr(scenario, "sender") and not _takes(scenario.rank, given):
            given = ("world", "payload")
        _check(scenario, role, given)
    for name, given in _OWN.items():
        _check(scenario, name, given)


def _check(scenario: Any, name: str, given: tuple[str, ...]) -> None:
    method = getattr(scenario, name)
    what = f"{name} of {type(scenario).__name__}"
    if not callable(method):
        raise UsageError(f"{what} must be a method, not {method!r}")
    if inspect.iscoroutinefunction(method) or inspect.isgeneratorfunction(method):
        kind = "async" if inspect.iscoroutinefunction(method) else "a generator"
        raise UsageError(f"{what}{_place(method)} is {kind}: it must be a plain function")
    if not _takes(method, given):
        needed = f"({', '.join(('self', *given))})"
        if name == "rank" and not hasattr(scenario, "sender"):
            needed += ": it gets a payload only if the scenario defines `sender`"
        raise UsageError(f"{what}{_place(method)} must take {needed}")


def _takes(method: Any, given: tuple[str, ...]) -> bool:
    try:
        inspect.signature(method).bind(*given)
    except TypeError:
        return False
    except ValueError:  # code without a signature
        return True
    return True


def _place(method: Any) -> str:
    code = getattr(inspect.unwrap(getattr(method, "__func__", method)), "__code__", None)
    return f" ({code.co_filename}:{code.co_firstlineno})" if code is not None else ""
