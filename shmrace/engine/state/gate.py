"""The gate at which an actor stands: the operation that it is about to do."""

from dataclasses import dataclass
from typing import Any

from shmrace.engine.state.question import Question
from shmrace.linux.calls.line import Shape
from shmrace.linux.listener import Notification
from shmrace.linux.paths import Location
from shmrace.model.locks import LockRequest
from shmrace.model.operations import Inode, Operation

Asked = tuple[str, Inode | None, tuple[tuple[int, int, str], ...], int, str]
"""An operation, and what it is about."""


@dataclass
class Gate:
    """One call that was stopped, and what is known of it by now."""

    notification: Notification
    call: str
    shape: Shape
    operation: str  # what a reader calls it
    flags: int = 0
    locations: tuple[Location, ...] = ()
    inode: Inode | None = None
    lock: LockRequest | None = None  # what it asks for, read when it came
    closes: tuple[int, ...] = ()  # the descriptors that it closes
    descriptor: int = -1
    sources: tuple[Inode, ...] = ()  # other segments that it reads
    primitive: int = 0
    request: tuple[Any, ...] = ()
    channel: bool = False
    waited: bool = False  # was found waiting at least once
    answered: bool = False  # with a value of the orchestrator's own
    opaque: bool = False  # it may do or notice anything
    through: tuple[str, ...] = ()  # names in /dev/shm of symbolic links on the way
    question: Question | None = None  # about the life of processes
    decided: bool = False  # a wait that ends by a decision, once it is over
    signal: int = 0  # which one it sends
    detail: str = ""
    deadline: int | None = None  # when its wait is over, by its process' clock
    refused: str = ""  # the errno with which a fault makes it fail

    @property
    def asks(self) -> Asked:
        """What it would do: the same for two gates of an actor that does something once more."""
        names = tuple((one.device, one.inode, one.name) for one in self.locations)
        return self.operation, self.inode, names, self.primitive, repr(self.request)

    @property
    def automatic(self) -> bool:
        """Let through as soon as it would not wait, without a decision."""
        return (
            self.shape.family == "wait"
            and not self.decided
            and self.operation not in (Operation.POLL, Operation.HAS_ENDED)
        )

    def close(self) -> None:
        for location in self.locations:
            location.close()
