"""The words that an actor and the orchestrator exchange at the primitive gate.

Requests and replies are pickled tuples of plain data; a user's objects travel inside them as bytes
that only the receiving actor unpickles.
"""

import pickle
import signal
from enum import IntEnum
from typing import Any

from shmrace.linux import primitive

STACK_SIGNAL = signal.SIGRTMAX - 1
"""Makes an actor's process write its Python stack; no program is known to use it."""

EXIT_SIGNAL = signal.SIGRTMAX - 2
"""Makes an actor's process end with its exit handlers, for the fault `exit`; likewise."""


class Primitive(IntEnum):
    """Kinds of primitives; 0 is the second half of a long reply."""

    SERVE = 1  # the fork server asks for its next command
    HELLO = 2  # a forked process says which actor it is
    START = 3
    END = 4
    BARRIER = 5
    SEND = 6
    RECV = 7
    SPAWN = 8
    JOIN = 9
    KILL = 10
    CHECKPOINT = 11
    EXIT = 12  # a warm process ends being its actor
    LINE = 14  # before a line of a module whose lines are gates
    RANK = 13  # an actor of an interchangeable role is told apart from its peers


def ask(kind: Primitive, *request: Any) -> Any:
    """What the orchestrator answers; called by actors and by the fork server."""
    return pickle.loads(primitive.call(kind, pickle.dumps(request)))


def encode(*reply: Any) -> bytes:
    return pickle.dumps(reply[0] if len(reply) == 1 else reply)


def decode(request: bytes) -> tuple[Any, ...]:
    content = pickle.loads(request)
    assert isinstance(content, tuple)
    return content
