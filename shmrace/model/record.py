"""The record of one finished execution, as plain data: the input of the invariants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shmrace.model.faults import FaultKind
from shmrace.model.ledger import Ledger
from shmrace.model.returned import Returned, value_of
from shmrace.model.schedule import Choice
from shmrace.model.stack import Frame, user_frames
from shmrace.model.trace import Step, Turn

_DIED: dict[str, str] = {FaultKind.TERM: "was ended by SIGTERM", FaultKind.EXIT: "has left"}
"""How a report says that one of these faults ended an actor."""


@dataclass(frozen=True)
class Ending:
    """How the body of a role ended, as its process reported it."""

    raised: bool
    step: int
    value: bytes = b""  # the pickled result
    plain: tuple[Any, ...] = ()  # the result, encoded, if it is plain data
    about: tuple[str, str] = ("", "")  # its type and its text, if it is not
    unpicklable: str = ""  # why there is no value
    error: str = ""  # the exception's type
    message: str = ""
    traceback: str = ""
    frames: tuple[Frame, ...] = ()  # innermost first
    assertion: bool = False
    peer_died: bool = False
    missed_a_name: bool = False  # a `FileNotFoundError` is among what it was raised from

    @property
    def result(self) -> Any:
        """What it returned, or a `Returned` in place of what is no plain data."""
        if self.plain:
            return value_of(self.plain[0])
        return Returned(*self.about, self.value)


@dataclass(frozen=True)
class Death:
    """A process that was killed, or that ended by a signal or with an exit status."""

    actor: str
    status: int | None  # as wait(2) returns it; None if it is not known
    step: int
    fault: bool  # shmrace killed it
    part: bool = True  # it is an actor; False: a child process of one
    by: str = ""  # the actor that caused the signal, if one did; a child may have done so itself

    @property
    def signal(self) -> int:
        """The number of the signal that ended it; 0 if none did."""
        return self.status & 0x7F if self.status is not None else 0

    @property
    def exit_code(self) -> int:
        """Its exit status; 0 if a signal ended it."""
        return self.status >> 8 if self.status is not None else 0


@dataclass(frozen=True)
class Tracked:
    """A name that was registered with a resource tracker, or unregistered from it."""

    step: int  # -1: in the setup
    actor: str
    tracker: str  # one text for each tracker
    registers: bool  # False: unregisters
    name: str


@dataclass(frozen=True)
class Stuck:
    """Who is left when nobody can change anything any more; empty if everybody ended."""

    waiting: tuple[tuple[str, str], ...] = ()  # (actor, what it waits for)
    polling: tuple[tuple[str, str], ...] = ()  # (actor, what it looks at again and again)


@dataclass(frozen=True)
class Record:
    """One execution."""

    trace: tuple[Step, ...]
    ledger: Ledger
    turns: tuple[Turn, ...] = ()
    turn_of: Mapping[int, int] = field(default_factory=dict)  # step -> turn; setup has none
    endings: Mapping[str, Ending] = field(default_factory=dict)
    deaths: tuple[Death, ...] = ()
    stuck: Stuck = Stuck()
    hanging: tuple[str, tuple[Frame, ...]] | None = None  # the actor, and its stack
    held: tuple[tuple[str, str, str], ...] = ()  # (actor, segment, "mapping" or "fd") at its end
    parts: tuple[str, ...] = ()  # the actors of the scenario
    roles: Mapping[str, str] = field(default_factory=dict)  # by actor
    entered: frozenset[str] = frozenset()  # the actors whose bodies began
    ended: frozenset[str] = frozenset()  # the actors that ended or died
    faults: tuple[Choice, ...] = ()  # the faults that struck, in order
    struck: Mapping[str, str] = field(default_factory=dict)  # actor -> a fault that it survived
    trackers: Mapping[str, str] = field(default_factory=dict)  # tracker -> actor
    tracked: tuple[Tracked, ...] = ()

    def place(self, step: int | None) -> str:
        """The innermost frame of the user's code at a step, as "file.py:12", or empty."""
        if step is None or not 0 <= step < len(self.trace):
            return ""
        frames = user_frames(self.trace[step].stack)
        return frames[0].short if frames else ""

    def where(self, step: int | None) -> str:
        """The same in parentheses, as " (file.py:12)", to append to a sentence."""
        place = self.place(step)
        return f" ({place})" if place else ""

    def how_it_died(self, death: Death) -> str:
        """How a report says that it died, as in "was killed"."""
        return _DIED.get(self.struck.get(death.actor, ""), "was killed")

    def role(self, actor: str) -> str:
        """The role of an actor; for a thread or child, that of its actor with the same suffix."""
        ancestor, apart, _ = actor.partition("/")
        return self.roles.get(ancestor, ancestor) + apart
