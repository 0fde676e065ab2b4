"""A breach: one invariant that did not hold in one execution, as the invariant itself tells it."""

from dataclasses import dataclass

from shmrace.errors import RaceFound


@dataclass(frozen=True)
class Breach:
    """What an invariant makes, and what a scenario's `accept` is asked about."""

    race: type[RaceFound]  # the kind of finding, as the error that is raised for it
    message: str  # one line, the whole story, without the kind
    actor: str = ""
    step: int | None = None  # index into the trace
    segment: str | None = None  # its label
    racing: tuple[int, int] | None = None  # indices of the two steps that race
    alike: str = ""  # equal for breaches that differ in the actor alone, where no two steps race
    cause: str = ""  # equal for breaches that have the same cause; if empty, kind and message
    detail: str = ""  # more lines: an exception's traceback, which actors wait for what

    def __post_init__(self) -> None:
        if not self.cause:
            object.__setattr__(self, "cause", f"{self.kind} {self.message}")

    @property
    def kind(self) -> str:
        """The word of the kind, such as "leak"."""
        return self.race.kind

    @property
    def first_line(self) -> str:
        return f"{self.kind}: {self.message}"
