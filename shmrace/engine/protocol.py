"""The words that an actor and the orchestrator exchange at the primitive gate.

Requests and replies are plain data, as JSON; bytes stand behind it, in one piece.  Nothing is ever
unpickled in the orchestrator, for a pickle runs code: a user's objects travel as bytes that only
the receiving actor opens.
"""

import json
import signal
from enum import IntEnum
from typing import Any

from shmrace.linux import primitive

STACK_SIGNAL = signal.SIGRTMAX - 1
"""Makes an actor's process write its Python stack; no program is known to use it."""

EXIT_SIGNAL = signal.SIGRTMAX - 2
"""Makes an actor's process end with its exit handlers, for the fault `exit`; likewise."""

LONGEST_MESSAGE = 256 << 20
"""Bytes of what one actor sends to another at once, pickled."""

LONGEST_NAME, LONGEST_LABEL = 100, 1000
"""Characters of the name of an actor that another spawns, and of the label of a checkpoint."""

LONGEST_REQUEST = LONGEST_MESSAGE + (64 << 20)
_LONGEST_HEAD = 64 << 20
_BYTES = "bytes"


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
    return decoded(primitive.call(kind, encoded(request)))


def encode(*reply: Any) -> bytes:
    return encoded(reply[0] if len(reply) == 1 else reply)


def decode(request: bytes) -> tuple[Any, ...]:
    """What was asked.  Raises `ValueError` if it is nothing that `ask` writes."""
    content = decoded(request)
    if not isinstance(content, tuple):
        raise ValueError("no plain data: a request is a list")
    return content


def encoded(value: Any) -> bytes:
    """Plain data as JSON, a zero byte, and all bytes that it holds."""
    pieces: list[bytes] = []
    size = 0

    def apart(one: object) -> dict[str, list[int]]:
        nonlocal size
        if not isinstance(one, bytes):
            raise TypeError(f"{type(one).__name__} is no plain data")
        pieces.append(one)
        size += len(one)
        return {_BYTES: [size - len(one), size]}

    text = json.dumps(value, default=apart, separators=(",", ":"))
    return b"\0".join([text.encode("ascii"), b"".join(pieces)])


def decoded(content: bytes) -> Any:
    """What `encoded` was given, with tuples for lists.  Raises `ValueError` for anything else."""
    end = content.find(b"\0", 0, _LONGEST_HEAD)
    if end < 0:
        raise ValueError("no plain data")
    try:
        return _rebuilt(json.loads(content[:end]), memoryview(content)[end + 1 :])
    except (RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"no plain data: {error}") from None


def _rebuilt(value: Any, pieces: memoryview) -> Any:
    if isinstance(value, list):
        return tuple([_rebuilt(one, pieces) for one in value])
    if isinstance(value, dict):
        if value.keys() == {_BYTES}:
            start, end = value[_BYTES]
            return bytes(pieces[start:end])
        return {key: _rebuilt(one, pieces) for key, one in value.items()}
    return value
