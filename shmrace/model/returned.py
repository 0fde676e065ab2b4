"""What an actor returned, as the orchestrator knows it.

A pickle runs code of what it holds, and that code belongs to the actor.  So an actor sends its
result as plain data: built-in types, encoded as nested lists of scalars and bytes.  Anything else
stays a pickle that shmrace never opens, with a few words about it, in a `Returned`.
"""

import pickle
import reprlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shmrace.model.prose import bounded

MOST_ITEMS = 200_000
MOST_BYTES = 16 << 20
"""How much of a result is sent as plain data: items, and bytes of text and bytes."""

_MOST_LEVELS = 50
_MOST_BITS = 1 << 16
_SCALARS = (type(None), bool, float)
_CONTAINERS: dict[str, Callable[[Any], Any]] = {
    "list": list, "tuple": tuple, "set": set, "frozenset": frozenset,
}  # fmt: skip


@dataclass(frozen=True)
class Returned:
    """A result that is no plain data: its type, and its text, shortened."""

    type: str
    text: str = field(compare=False)
    pickled: bytes = field(repr=False)  # empty if it was too large to be kept

    def unpickle(self) -> Any:
        """The object.  This runs the code of its classes here, in the process of the test."""
        if not self.pickled:
            raise ValueError(f"{self.text} was too large to be kept")
        return pickle.loads(self.pickled)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"this is what shmrace knows of a {self.type} that an actor returned, and has no"
            f" {name!r}: the object itself is .unpickle()"
        )


class NotPlain(Exception):
    """The value, or a part of it, is of a type that is not built in, or there is too much of it."""


def plain(value: Any) -> Any:
    """A value as nested lists of scalars and bytes.  Raises `NotPlain`; runs in the actor."""
    return _Encoder().encoded(value, 0)


def about(value: Any) -> tuple[str, str]:
    """(type, text) of a value that is not plain, both short."""
    try:
        text = reprlib.repr(value)
    except Exception as error:
        text = f"<a {type(value).__name__} whose repr raised {type(error).__name__}>"
    return bounded(type(value).__name__, 200), bounded(text, 1000)


def value_of(encoded: Any) -> Any:
    """The value that `plain` has encoded; raises `ValueError` for anything else."""
    if isinstance(encoded, (*_SCALARS, int, str, bytes)):
        return encoded
    if not isinstance(encoded, tuple) or not encoded:
        raise ValueError("no value")
    kind, *parts = encoded
    try:
        if kind == "int":
            return int(parts[0], 16)
        if kind == "complex":
            return complex(*parts)
        if kind == "bytearray":
            return bytearray(parts[0])
        values = list(map(value_of, parts))
        if kind == "dict":
            return dict(zip(values[::2], values[1::2], strict=True))
        return _CONTAINERS[kind](values)
    except (IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"no value: {error}") from None


class _Encoder:
    def __init__(self) -> None:
        self._items = 0
        self._bytes = 0

    def encoded(self, value: Any, level: int) -> Any:
        self._items += 1
        if self._items > MOST_ITEMS or level > _MOST_LEVELS:
            raise NotPlain
        kind = type(value)
        if kind in _SCALARS:
            return value
        if kind is int:
            return self._integer(value)
        if kind is str or kind is bytes:
            self._count(len(value))
            return value
        if kind is bytearray:
            self._count(len(value))
            return ["bytearray", bytes(value)]
        if kind is complex:
            return ["complex", value.real, value.imag]
        if kind is dict:
            parts = [one for item in value.items() for one in item]
            return ["dict", *(self.encoded(one, level + 1) for one in parts)]
        if kind.__name__ in _CONTAINERS and kind.__module__ == "builtins":
            return [kind.__name__, *(self.encoded(one, level + 1) for one in value)]
        if kind.__module__ == "numpy" and getattr(value, "ndim", None) == 0:
            return self._scalar(value.item(), level)
        raise NotPlain

    def _scalar(self, value: Any, level: int) -> Any:
        """Of a number of NumPy's; `item` gives the number itself where Python has none such."""
        if type(value).__module__ != "builtins":
            raise NotPlain
        return self.encoded(value, level)

    def _integer(self, value: int) -> Any:
        if value.bit_length() <= 64:
            return value
        if value.bit_length() > _MOST_BITS:
            raise NotPlain
        return ["int", hex(value)]

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MOST_BYTES:
            raise NotPlain
