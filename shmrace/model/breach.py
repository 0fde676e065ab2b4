"""A breach: one invariant that did not hold in one execution."""

from dataclasses import dataclass

from shmrace.errors import RaceFound


@dataclass(frozen=True)
class Breach:
    """The result of an invariant, and the argument of a scenario's `accept`."""

    race: type[RaceFound]  # the kind of finding, as the error that is raised for it
    message: str  # one line that says everything but the kind
    actor: str = ""  # the actor that failed, or that created what is left
    step: int | None = None  # index into the trace
    segment: str | None = None  # its label
    racing: tuple[int, int] | None = None  # indices of the two steps that race
    alike: str = ""  # without a racing pair: equal for breaches that differ only in the actor
    cause: str = ""  # equal for breaches that have the same cause; if empty, kind and message
    detail: str = ""  # more lines, such as a traceback

    def __post_init__(self) -> None:
        if not self.cause:
            object.__setattr__(self, "cause", f"{self.kind} {self.message}")

    @property
    def kind(self) -> str:
        """The word of the kind, such as "leak"."""
        return self.race.kind

    @property
    def first_line(self) -> str:
        """The kind and the message."""
        return f"{self.kind}: {self.message}"
