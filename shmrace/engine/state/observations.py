"""What an execution has seen so far, besides what its actors and processes are."""

from dataclasses import dataclass, field

from shmrace.engine.state.actor import Shape
from shmrace.model.assumptions import Assumption
from shmrace.model.record import Tracked
from shmrace.model.trace import Step, Turn
from shmrace.model.words import Word


class RealEnds(Word):
    """Why the processes of actors have to end and cannot be kept, in words and in full."""

    ASKS_FOR_LIVENESS = (
        "the code asks whether a process lives",
        "a process that is kept lives on where the code expects it to have ended",
    )
    HOLDS_A_LOCK = (
        "an actor holds a file lock when it ends",
        "a process that is kept would not give the lock back",
    )
    OUTLIVED = (
        "an actor has started a process that outlives it",
        "a process that is kept would still be its parent",
    )


@dataclass
class Observations:
    """Filled in as the execution goes on."""

    steps: list[Step] = field(default_factory=list)
    prevented: list[Turn] = field(default_factory=list)
    """What those were about to do whom others have ended."""
    attempts: list[str] = field(default_factory=list)  # of closed doors: io_uring, i386, x32
    opaque: set[str] = field(default_factory=set)  # calls that are not known, and whose
    made_ipc_objects: bool = False  # System V objects or message queues, which outlive processes
    ungated: list[str] = field(default_factory=list)  # changes that no operation explains
    assumed: set[Assumption] = field(default_factory=set)
    tracked: list[Tracked] = field(default_factory=list)
    polled: dict[tuple[str, Shape], int] = field(default_factory=dict)
    """Who polled in vain, with its loop; and after how many turns it first did."""
    spared: bool = False
    """Nobody could go on, and a fault that could have struck who waits was not tried there."""
    real_ends: RealEnds | None = None  # why its processes have to end, if they have to
    told_apart_in_setup: bool = False  # actors of an interchangeable role, in no step of the trace

    def rests_on_opaque(self, what: str) -> None:
        """The execution did something of which shmrace does not know all effects."""
        self.opaque.add(what)
        self.assumed.add(Assumption.OPAQUE_CALLS)
