"""The whole table: which line holds for a call.

The filter, the gates and a page of the reference are made from it.
"""

from collections.abc import Mapping

from shmrace.linux.calls.line import CallClass, Line, Shape
from shmrace.linux.calls.modelled import MODELLED
from shmrace.linux.calls.opaque import OPAQUE
from shmrace.linux.calls.private import PRIVATE

LINES: tuple[Line, ...] = (*PRIVATE, *MODELLED, *OPAQUE)

UNKNOWN = Line((), CallClass.OPAQUE, Shape("opaque", "opaque"), "a call that the table lacks")
"""Holds for calls that no line names."""


def _by_call() -> Mapping[str, tuple[Line, ...]]:
    found: dict[str, tuple[Line, ...]] = {}
    for line in LINES:
        for call in line.calls:
            found[call] = (*found.get(call, ()), line)
    return found


LINES_OF = _by_call()
"""The lines of each call, in the order in which they are tried."""

SHAPES: dict[str, Shape] = {
    call: line.shape
    for call, lines in LINES_OF.items()
    for line in lines
    if line.call_class is CallClass.MODELLED
}
"""The shape of each call that is modelled."""


def line_of(call: str | None, arguments: tuple[int, ...]) -> Line:
    """The line that holds for a call; None stands for a call without a name."""
    for line in LINES_OF.get(call or "", ()):
        if line.where is None or line.where.holds(arguments):
            return line
    return UNKNOWN
