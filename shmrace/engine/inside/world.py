"""What an actor is given: the primitives, as calls at the gate.

It implements `shmrace.scenario.World`; everything in it runs in the actor's own process.
"""

import os
import pickle
import reprlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shmrace.engine.inside.endings import TooLarge, pickled_within
from shmrace.engine.protocol import (
    LONGEST_LABEL,
    LONGEST_MESSAGE,
    LONGEST_NAME,
    Primitive,
    ask,
)
from shmrace.errors import InjectedFault, PeerDied, UsageError
from shmrace.model.prose import bounded


@dataclass(frozen=True)
class Joined:
    """How a spawned actor ended: `status` is "returned", "raised" or "killed"."""

    status: str
    value: Any = None  # what it returned
    error: str = ""  # what it raised, as text


class SpawnedChild:
    """A spawned actor, seen by the one who spawned it."""

    def __init__(self, name: str, pid: int) -> None:
        self._name = name
        self._pid = pid

    @property
    def name(self) -> str:
        return self._name

    def join(self) -> Joined:
        """Wait until it has ended, and say how."""
        status, value = _checked(ask(Primitive.JOIN, self.name))
        os.waitpid(self._pid, 0)
        if status == "returned":
            if not value:
                raise UsageError(f"what {self.name} returned cannot be handed over: see its report")
            return Joined("returned", pickle.loads(value))
        return Joined(status, error=str(value))

    def kill(self) -> None:
        """SIGKILL it."""
        ask(Primitive.KILL, self.name)


class ActorWorld:
    """`rank` and `size` count the actors of the same role, or the members of a `group`.

    `roles` holds the names of actors that may be swapped until somebody tells them apart, which
    is a step: by asking who it is, or by calling one of them by its number or name.
    """

    def __init__(
        self,
        name: str,
        members: Sequence[str],
        directory: str,
        run_child: Callable[[str, Callable[..., Any], tuple[Any, ...]], None],
        own: str | None = None,
        roles: Sequence[Sequence[str]] = (),
    ) -> None:
        self._name = name
        self._directory = directory
        self._members = tuple(members)
        self._run_child = run_child
        self._own = own or name
        self._roles = tuple(roles)
        self.leaving = False  # the fault `exit` has struck

    @property
    def name(self) -> str:
        self._tell_apart(self._name)
        return self._name

    @property
    def directory(self) -> str:
        return self._directory

    @property
    def rank(self) -> int:
        self._tell_apart(self._own)
        return self._members.index(self._own) if self._own in self._members else 0

    @property
    def size(self) -> int:
        return len(self._members)

    def barrier(self) -> None:
        """Wait until every member is here.  Raises `PeerDied` if one never will be, `UsageError`
        if this actor is no member."""
        if self._own not in self._members:
            raise UsageError(f"{self._own} is no member of this group: {', '.join(self._members)}")
        _checked(ask(Primitive.BARRIER, self._members))

    def send(self, to: int | str, obj: object) -> None:
        """Hand `obj` over without waiting; it is pickled here and unpickled by the receiver."""
        send((self._peer(to),), "send", obj)

    def recv(self, source: int | str | None = None, wait: bool = True) -> Any:
        """The next message of `source`, or of anybody.

        Raises `PeerDied` if the sender died or failed, `BlockingIOError` if there is none and
        `wait` is false.
        """
        peer = None if source is None else self._peer(source)
        return pickle.loads(_checked(ask(Primitive.RECV, peer, wait)))

    def broadcast(self, obj: Any, src: int | str = 0) -> Any:
        """`obj` of the member `src`, for all: the source goes on with its own, at once."""
        source = self._peer(src)
        if source != self._own:
            return self.recv(source)
        others = tuple(name for name in self._members if name != source)
        send(others, "broadcast", obj)
        return obj

    def group(self, members: Sequence[int | str]) -> "ActorWorld":
        """The same actor among fewer, or other, peers."""
        names = tuple(self._named(member) for member in members)
        for role in self._roles:
            if not set(role) <= set(names):
                self._tell_apart(*(name for name in role if name in names))
        return ActorWorld(
            self._name, names, self.directory, self._run_child, self._own, self._roles
        )

    def spawn(self, role: Callable[..., Any], *args: Any, name: str | None = None) -> SpawnedChild:
        """Start a role in a process forked from this one: `role(world, *args)`."""
        if not callable(role):
            raise UsageError(f"spawn takes a method, as in world.spawn(self.late), not {role!r}")
        if name is not None and not (isinstance(name, str) and 0 < len(name) <= LONGEST_NAME):
            raise UsageError(f"an actor's name is a text of 1 to {LONGEST_NAME} characters")
        given = _checked(ask(Primitive.SPAWN, _name_of(role), name))
        pid = os.fork()
        if pid == 0:
            self._run_child(given, role, args)
        return SpawnedChild(given, pid)

    def checkpoint(self, label: str) -> None:
        """A gate of your own.  Raises `InjectedFault` where the fault `raise` strikes."""
        if not isinstance(label, str):
            raise UsageError(f"the label of a checkpoint is a text, not {reprlib.repr(label)}")
        _checked(ask(Primitive.CHECKPOINT, bounded(label, LONGEST_LABEL)))

    def _tell_apart(self, *names: str) -> None:
        """Let the trace hold that these are not like their peers any more."""
        for name in names:
            if any(name in role for role in self._roles):
                ask(Primitive.RANK, name)

    def _peer(self, peer: int | str) -> str:
        name = self._named(peer)
        self._tell_apart(name)
        return name

    def _named(self, peer: int | str) -> str:
        if isinstance(peer, str):
            return peer
        try:
            return self._members[peer]
        except (IndexError, TypeError):
            raise UsageError(
                f"{self._name} has no peer {reprlib.repr(peer)}:"
                f" there are {', '.join(self._members)}"
            ) from None


def send(to: Sequence[str], how: str, obj: object) -> None:
    """Let peers have an object.  Raises `UsageError` if it is too large."""
    try:
        pickled = pickled_within(LONGEST_MESSAGE, obj)
    except TooLarge:
        raise UsageError(
            f"a message has at most {LONGEST_MESSAGE:,} bytes once it is pickled, and this one has"
            " more: hand over the name of a segment"
        ) from None
    _checked(ask(Primitive.SEND, to, how, pickled))


def _name_of(role: Callable[..., Any]) -> str:
    name = getattr(role, "__name__", "")
    return name[:LONGEST_NAME] if isinstance(name, str) and name else "actor"


def _checked(answer: tuple[str, Any]) -> Any:
    status, value = answer
    if status == "dead":
        raise PeerDied(f"{', '.join(value)} died or failed and will not come")
    if status == "nothing":
        raise BlockingIOError("no message has come")
    if status == "struck":
        raise InjectedFault(f"the fault 'raise' has struck at checkpoint {value!r}")
    if status == "refused":
        raise UsageError(value)
    return value
