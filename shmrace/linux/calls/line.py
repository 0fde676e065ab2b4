"""The vocabulary of the table: a line says what some calls mean to shmrace.

Every call is in one of three classes, by its number and by what its arguments say.  A line may hold
for certain arguments only; the first line that holds for a call decides.  What shmrace does not
know is opaque: that costs executions and the word "proved", but it never hides a failure.
"""

from dataclasses import dataclass
from enum import Enum


class CallClass(Enum):
    """What is known of a call."""

    MODELLED = "it is known what the call reads and writes"
    PRIVATE = "no other process can notice the call, nor change what it returns"
    OPAQUE = (
        "not known: the call is a step that depends on every step of every other actor, and a"
        " verdict that rests on it assumes `opaque-calls`"
    )


@dataclass(frozen=True)
class Shape:
    """Where the arguments are by which a call is judged.

    `paths` are pairs (directory's descriptor argument or None for the working directory, path
    argument); `flags`, `descriptor` and `process` are argument numbers.
    """

    family: str
    kind: str
    paths: tuple[tuple[int | None, int], ...] = ()
    descriptor: int | None = None
    flags: int | None = None
    process: int | None = None


@dataclass(frozen=True)
class Where:
    """The calls of which one argument, as 32 bits, has one of these values or bits."""

    argument: int
    values: tuple[int, ...] = ()
    bits: int = 0
    mask: int = 0xFFFFFFFF

    def holds(self, arguments: tuple[int, ...]) -> bool:
        value = arguments[self.argument] & 0xFFFFFFFF
        return value & self.mask in self.values or bool(value & self.bits)


@dataclass(frozen=True)
class Line:
    """What some calls mean; `why` is the reason of a private line, and the doubt of an opaque one.

    With `where` the line holds for certain arguments only.
    """

    calls: tuple[str, ...]
    call_class: CallClass
    shape: Shape
    why: str = ""
    where: Where | None = None

    @property
    def stops(self) -> bool:
        """Does a call stop at the gate?"""
        return self.call_class is not CallClass.PRIVATE
