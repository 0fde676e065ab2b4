"""What is known of one execution once it is over, as plain data: what invariants judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shmrace.model.ledger import Ledger
from shmrace.model.schedule import Choice
from shmrace.model.stack import Frame, user_frames
from shmrace.model.trace import Step, Turn


@dataclass(frozen=True)
class Ending:
    """How a role's body ended, as its process said it."""

    raised: bool
    step: int
    value: bytes = b""  # the pickled result
    unpicklable: str = ""  # why there is none
    error: str = ""  # the exception's type
    message: str = ""
    traceback: str = ""
    frames: tuple[Frame, ...] = ()  # innermost first
    assertion: bool = False
    peer_died: bool = False


@dataclass(frozen=True)
class Death:
    """A process that was killed, or that ended by a signal or with an exit status of its own."""

    actor: str
    status: int | None  # as wait(2) has it; None if it is not known
    step: int
    fault: bool  # shmrace killed it
    part: bool = True  # it played a role, as opposed to a child of one that did

    @property
    def signal(self) -> int:
        return self.status & 0x7F if self.status is not None else 0

    @property
    def exit_code(self) -> int:
        return self.status >> 8 if self.status is not None else 0


@dataclass(frozen=True)
class Tracked:
    """A name that was registered with a resource tracker, or is so no longer."""

    step: int  # -1: in the setup
    actor: str
    tracker: str  # one text for each tracker
    registers: bool
    name: str


@dataclass(frozen=True)
class Record:
    """One execution."""

    trace: tuple[Step, ...]
    ledger: Ledger
    turns: tuple[Turn, ...] = ()
    turn_of: Mapping[int, int] = field(default_factory=dict)  # step -> turn; setup has none
    endings: Mapping[str, Ending] = field(default_factory=dict)
    deaths: tuple[Death, ...] = ()
    blocked: tuple[tuple[str, str], ...] = ()  # who waits, and for what, when nobody can go on
    hanging: tuple[str, tuple[Frame, ...]] | None = None  # who burns time, and where
    held: tuple[tuple[str, str, str], ...] = ()  # (actor, segment, "mapping" or "fd") at an exit
    parts: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)  # of each part
    entered: frozenset[str] = frozenset()  # the actors whose bodies began
    ended: frozenset[str] = frozenset()  # the actors that came to their end, or died
    faults: tuple[Choice, ...] = ()  # that struck, in their order
    struck: Mapping[str, str] = field(default_factory=dict)  # who lived to see which fault
    trackers: Mapping[str, str] = field(default_factory=dict)  # who started each
    tracked: tuple[Tracked, ...] = ()

    def place(self, step: int | None) -> str:
        """The innermost frame of the user's at a step, as "file.py:12", or nothing."""
        if step is None or not 0 <= step < len(self.trace):
            return ""
        frames = user_frames(self.trace[step].stack)
        return frames[0].short if frames else ""

    def where(self, step: int | None) -> str:
        """The same for the end of a sentence's part, as " (file.py:12)", or nothing."""
        place = self.place(step)
        return f" ({place})" if place else ""

    def role(self, actor: str) -> str:
        """The role that an actor plays, or that of the actor whose thread or child it is."""
        ancestor, apart, _ = actor.partition("/")
        return self.roles.get(ancestor, ancestor) + apart
