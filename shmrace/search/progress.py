"""How far a search has come, told to whoever shows it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a search has come, for a display."""

    executions: int
    trace_classes: int
    findings: int
    elapsed: float  # seconds
    doing: str = "exploring"
    steps: int = 0  # of the execution that is under way


Watcher = Callable[[Progress], None]
