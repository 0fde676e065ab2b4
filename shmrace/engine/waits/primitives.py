"""What the primitives mean: messages, barriers, and which actor waits for which.

A send never waits.  A receive waits for its sender's next message; a barrier waits until every
member of its group stands in it, for the n-th time.  An actor that waits for
one that died or failed is told so.  A receive without a source takes from the first actor, in their
order, that has sent.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shmrace.engine.protocol import Primitive, encode
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.model.assumptions import Assumption
from shmrace.model.objects import Access, Mode, life_of, message_of
from shmrace.model.operations import Outcome

Group = tuple[str, ...]

_MOST_UNREAD = 1 << 30
"""Bytes of messages that are kept for their receivers at once."""


@dataclass(frozen=True)
class Answer:
    """What a primitive returns to its actor, and what it meant for the trace."""

    reply: bytes
    outcome: str = Outcome.OK
    detail: str = ""
    after: tuple[int, ...] = ()  # turns that enabled it
    accesses: frozenset[Access] = frozenset()
    subject: str = ""  # an actor that it is about
    told_by: tuple[int, ...] = ()  # turns whose news it found, without having waited for it


@dataclass
class _Meeting:
    """The n-th time that a group meets at a barrier."""

    group: Group
    nth: int  # from 1
    awaited: int  # how many of them have not come


class Messages:
    """The state of all primitives of one execution; `find` gives an actor by its name."""

    def __init__(
        self, find: Callable[[str], Actor | None], everybody: Callable[[], list[Actor]],
        assumed: set[Assumption], deaths_possible: bool = False,
    ) -> None:  # fmt: skip
        self._find = find
        self._everybody = everybody
        self._queues: dict[tuple[str, str], deque[tuple[bytes, int]]] = {}
        self._arrived: dict[Group, dict[str, list[int]]] = {}
        self._meetings: dict[tuple[Group, int], _Meeting] = {}
        self._assumed = assumed
        self._deaths_possible = deaths_possible
        self._unread = 0  # bytes of messages that nobody has taken yet

    def arrive(self, actor: Actor, gate: Gate) -> None:
        """An actor has come to a primitive; arrivals at a barrier count from here on."""
        if gate.primitive == Primitive.BARRIER:
            group: Group = gate.request[0]
            turns = self._arrived.setdefault(group, {}).setdefault(actor.name, [])
            turns.append(actor.last.turn)
            key = group, len(turns)
            meeting = self._meetings.setdefault(key, _Meeting(*key, awaited=len({*group})))
            meeting.awaited -= 1
            gate.request = (meeting,)

    def withdraw(self, actor: Actor, gate: Gate) -> None:
        """An actor dies where it stands: it has not arrived."""
        if gate.primitive == Primitive.BARRIER and gate.waited:
            (meeting,) = gate.request
            self._arrived[meeting.group][actor.name].pop()
            meeting.awaited += 1

    def failed(self) -> frozenset[str]:
        """The actors that have died, or whose bodies raised."""
        has_failed = {actor.name: actor.failed for actor in self._everybody()}  # the last of a name
        return frozenset(name for name, failed in has_failed.items() if failed)

    def enabled(self, actor: Actor, gate: Gate, failed: frozenset[str] | None = None) -> bool:
        """May the actor go on?  Who asks for many gives what `failed` returned."""
        if gate.primitive == Primitive.BARRIER:
            (meeting,) = gate.request
            if not meeting.awaited:
                return True
            if failed is None:
                failed = self.failed()
            return bool(failed) and not failed.isdisjoint(self._absent(meeting.group, meeting.nth))
        if gate.primitive == Primitive.RECV:
            source, wait = gate.request
            return not wait or bool(self._ready(actor, source)) or self._nobody_left(actor, source)
        if gate.primitive == Primitive.JOIN:
            child = self._find(gate.request[0])
            return child is None or child.ended
        return True

    def perform(self, actor: Actor, gate: Gate, turn: int) -> Answer:
        """Carry a primitive out in the given turn."""
        if gate.primitive == Primitive.BARRIER:
            return self._barrier(gate.request[0])
        if gate.primitive == Primitive.SEND:
            return self._send(actor, turn, *gate.request)
        if gate.primitive == Primitive.RECV:
            return self._receive(actor, *gate.request)
        if gate.primitive == Primitive.JOIN:
            return self._join(gate.request[0])
        if gate.primitive == Primitive.RANK:
            return Answer(encode("ok", None), detail=gate.request[0], subject=gate.request[0])
        return Answer(encode("ok", None))

    def waits_for(self, actor: Actor, gate: Gate) -> str:
        """Words for a deadlock's report."""
        if gate.primitive == Primitive.BARRIER:
            (meeting,) = gate.request
            absent = [self._described(name) for name in self._absent(meeting.group, meeting.nth)]
            return f"in barrier for {', '.join(absent)}"
        if gate.primitive == Primitive.RECV:
            source = gate.request[0]
            return f"for a message of {self._described(source) if source else 'anybody'}"
        if gate.primitive == Primitive.JOIN:
            return f"for the end of {gate.request[0]}"
        return f"before {gate.operation}"

    def _barrier(self, meeting: _Meeting) -> Answer:
        group, nth = meeting.group, meeting.nth
        absent = self._absent(group, nth)
        lives = frozenset[Access]()
        if self._deaths_possible:  # an actor that dies where it stands has not come after all
            lives = frozenset((life_of(name), Mode.READ) for name in group)
        dead = [name for name in absent if self._failed(name)]
        if dead:  # it waits for nobody any more, and so comes behind nobody who has arrived
            after = _turns(self._failure_turns(dead))
            return Answer(
                encode("dead", dead), Outcome.PEER_DIED, f"{dead[0]} is dead", after, lives
            )
        after = tuple(
            turns[nth - 1]
            for turns in self._arrived[group].values()
            if len(turns) >= nth and turns[nth - 1] >= 0
        )
        return Answer(encode("ok", None), after=_turns(after), accesses=lives)

    def _send(self, actor: Actor, turn: int, receivers: Group, kind: str, content: bytes) -> Answer:
        self._unread += len(content) * len(receivers)
        if self._unread > _MOST_UNREAD:
            self._unread -= len(content) * len(receivers)
            text = f"messages of more than {_MOST_UNREAD:,} bytes would lie unread"
            return Answer(encode("refused", text), Outcome.REFUSED)
        accesses = set()
        for receiver in receivers:
            self._queues.setdefault((actor.name, receiver), deque()).append((content, turn))
            accesses.add((message_of(actor.name, receiver), Mode.WRITE))
        return Answer(
            encode("ok", None), detail=f"-> {', '.join(receivers)}", accesses=frozenset(accesses)
        )

    def _receive(self, actor: Actor, source: str | None, wait: bool) -> Answer:
        senders = self._ready(actor, source)
        looked = frozenset[Access]()
        if not wait or source is None:
            looked = frozenset(
                (message_of(name, actor.name), Mode.READ) for name in self._sources(actor, source)
            )
        if not senders:
            if not wait:
                return Answer(encode("nothing", None), Outcome.NOTHING, accesses=looked)
            names = self._sources(actor, source)
            dead = [name for name in names if self._failed(name)]
            after = _turns(self._failure_turns(dead))
            return Answer(
                encode("dead", dead), Outcome.PEER_DIED, f"{', '.join(dead)} is dead", after, looked
            )
        if len(senders) > 1:
            self._assumed.add(Assumption.MESSAGE_ORDER)
        content, sent = self._queues[senders[0], actor.name].popleft()
        self._unread -= len(content)
        reply, detail, turns = encode("ok", content), f"<- {senders[0]}", _turns((sent,))
        if wait and len(senders) == 1:  # it could not have gone on before
            return Answer(reply, detail=detail, after=turns, accesses=looked)
        return Answer(reply, detail=detail, told_by=turns, accesses=looked)

    def _join(self, name: str) -> Answer:
        child = self._find(name)
        if child is None:
            return Answer(encode("dead", [name]), Outcome.PEER_DIED)
        ending = child.outcome
        reply: tuple[Any, ...]
        if ending is None:
            reply = ("killed", child.process.status)
        elif ending.raised:
            reply = ("raised", f"{ending.error}: {ending.message}")
        else:
            reply = ("returned", ending.value)
        return Answer(encode("ok", reply), detail=name, after=_turns(child.last_turns()))

    def _absent(self, group: Group, nth: int) -> list[str]:
        arrived = self._arrived[group]
        return [name for name in group if len(arrived.get(name, ())) < nth]

    def _sources(self, actor: Actor, source: str | None) -> list[str]:
        if source is not None:
            return [source]
        return [other.name for other in self._everybody() if other is not actor]

    def _ready(self, actor: Actor, source: str | None) -> list[str]:
        return [
            name for name in self._sources(actor, source) if self._queues.get((name, actor.name))
        ]

    def _nobody_left(self, actor: Actor, source: str | None) -> bool:
        names = self._sources(actor, source)
        if source is not None:
            return self._failed(source)
        others = [self._find(name) for name in names]
        all_over = all(other is None or other.ended or other.outcome for other in others)
        return all_over and any(self._failed(name) for name in names)

    def _failed(self, name: str) -> bool:
        actor = self._find(name)
        return actor is not None and actor.failed

    def _failure_turns(self, names: list[str]) -> tuple[int, ...]:
        found = [self._find(name) for name in names]
        return tuple(turn for one in found if one is not None for turn in one.failure_turns())

    def _described(self, name: str) -> str:
        actor = self._find(name)
        if actor is not None and (actor.ended or actor.outcome is not None):
            return f"{name}, which has ended"
        return name


def _turns(turns: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted({turn for turn in turns if turn >= 0}))
