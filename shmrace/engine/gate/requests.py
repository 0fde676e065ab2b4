"""Requests at the primitive gate, judged before anything is done with them.

The harness' own call is a number like any other: code under test may make it by hand, with any
arguments.  Only what `shmrace.engine.inside` may ask at this moment is answered; to all else the
kernel's own answer is given, that there is no such call.
"""

from collections.abc import Callable
from typing import Any

from shmrace.engine.inside.endings import LONGEST_NAME as LONGEST_TEXT_OF_A_NAME
from shmrace.engine.inside.endings import LONGEST_TEXT, LONGEST_TRACEBACK, MOST_FRAMES
from shmrace.engine.protocol import (
    LONGEST_LABEL,
    LONGEST_MESSAGE,
    LONGEST_NAME,
    LONGEST_REQUEST,
    Primitive,
    decode,
)
from shmrace.engine.state.actor import Actor
from shmrace.linux.listener import Notification
from shmrace.linux.memory import Memory
from shmrace.model.returned import value_of

_WORD_OF_THE_REST = 100  # characters in which a text that was cut says how much was left out
_MOST_MEMBERS = 10_000  # of a group


class NotAsked(Exception):
    """This is nothing that shmrace's own code in an actor would ask."""


def read(at: Notification, memory: Memory) -> tuple[Primitive, tuple[Any, ...]]:
    """What is asked at the gate.  Raises `NotAsked` for what no actor of ours would ask."""
    number, where, size = at.arguments[:3]
    try:
        kind = Primitive(number)
        if size > LONGEST_REQUEST:
            raise NotAsked
        request = decode(memory.read(where, size))
        if not _FORMS[kind](*request):
            raise NotAsked
    except (KeyError, OSError, TypeError, ValueError):
        raise NotAsked from None
    return kind, request


def is_due(actor: Actor, kind: Primitive, request: tuple[Any, ...]) -> bool:
    """Would the code of shmrace in this actor ask this now?"""
    if kind is Primitive.HELLO:  # it has been its actor once, and is going to be so again
        return actor.part and actor.ended and request == (actor.name,)
    if kind is Primitive.EXIT:
        return actor.part and actor.outcome is not None and not actor.ended
    if kind is Primitive.START:
        return actor.is_role and not actor.has_played
    return not actor.ended


def made_by_hand(actor: Actor) -> str:
    """How a verdict calls what was not asked."""
    return f"{actor.name} made the call of shmrace by hand"


def _name(one: Any) -> bool:
    return isinstance(one, str) and 0 < len(one) <= LONGEST_TEXT_OF_A_NAME


def _new_name(one: Any) -> bool:
    return isinstance(one, str) and 0 < len(one) <= LONGEST_NAME


def _text(one: Any, most: int) -> bool:
    return isinstance(one, str) and len(one) <= most + _WORD_OF_THE_REST


def _names(one: Any) -> bool:
    return isinstance(one, tuple) and len(one) <= _MOST_MEMBERS and all(map(_name, one))


def _end(status: Any, said: Any) -> bool:
    if not isinstance(said, dict):
        return False
    if status == "returned":
        return _returned(**said)
    return status == "raised" and _raised(**said)


def _returned(*, plain: Any, type: Any, text: Any, pickled: Any, unpicklable: Any) -> bool:
    texts = all(_text(one, LONGEST_TEXT) for one in (type, text, unpicklable))
    if not texts or not isinstance(pickled, bytes) or not isinstance(plain, tuple):
        return False
    if len(plain) > 1 or len(pickled) > LONGEST_MESSAGE:
        return False
    for one in plain:
        value_of(one)
    return True


def _raised(
    *, error: Any, message: Any, traceback: Any, frames: Any, assertion: Any, peer_died: Any,
    missed_a_name: Any,
) -> bool:  # fmt: skip
    answers = all(isinstance(one, bool) for one in (assertion, peer_died, missed_a_name))
    if not answers or not isinstance(frames, tuple) or len(frames) > MOST_FRAMES:
        return False
    return (
        _text(error, LONGEST_TEXT_OF_A_NAME)
        and _text(message, LONGEST_TEXT)
        and _text(traceback, LONGEST_TRACEBACK)
        and all(_frame(*one) for one in frames)
    )


def _frame(file: Any, line: Any, function: Any) -> bool:
    return (
        _text(file, LONGEST_TEXT_OF_A_NAME)
        and isinstance(line, int)
        and _text(function, LONGEST_TEXT_OF_A_NAME)
    )


def _send(to: Any, how: Any, pickled: Any) -> bool:
    return _names(to) and how in ("send", "broadcast") and isinstance(pickled, bytes)


_FORMS: dict[Primitive, Callable[..., bool]] = {
    Primitive.HELLO: _name,
    Primitive.START: lambda: True,
    Primitive.END: _end,
    Primitive.BARRIER: _names,
    Primitive.SEND: _send,
    Primitive.RECV: lambda source, wait: (source is None or _name(source)) and type(wait) is bool,
    Primitive.SPAWN: lambda role, name: _new_name(role) and (name is None or _new_name(name)),
    Primitive.JOIN: _name,
    Primitive.KILL: _name,
    Primitive.CHECKPOINT: lambda label: _text(label, LONGEST_LABEL),
    Primitive.EXIT: lambda code: isinstance(code, int),
    Primitive.LINE: lambda line: _text(line, LONGEST_TEXT_OF_A_NAME),
    Primitive.RANK: _name,
}
"""What each asks; an actor never asks for a command, as the fork server does."""
