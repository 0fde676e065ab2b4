"""Wires, which carry bytes from one process to others.

`SimulatedWire` uses the primitives of a scenario's world.  The other wires use real, unmodified
libraries.  All have the same interface, so each transport runs over each wire.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from shmrace.scenario.base import World

Members = tuple[str, ...]
"""Names of actors.  The first member of a group is the source of its broadcasts."""


@dataclass(frozen=True)
class Plan:
    """What a transport uses of a wire: links from one actor to another, and groups."""

    links: frozenset[tuple[str, str]] = frozenset()
    groups: tuple[Members, ...] = ()

    def with_links(self, more: Iterable[tuple[str, str]]) -> "Plan":
        return Plan(self.links | frozenset(more), self.groups)

    def actors(self) -> list[str]:
        """All actors in the plan, the sender first."""
        named = {name for link in self.links for name in link}
        named |= {name for group in self.groups for name in group}
        return sorted(named, key=lambda name: (name != "sender", len(name), name))


class Wire(Protocol):
    """A wire, made in `setup`.  A send and a broadcast do not wait for their receivers."""

    def send(self, to: str, content: bytes) -> None: ...
    def receive(self, source: str) -> bytes: ...
    def broadcast(self, group: Members, content: bytes | None) -> bytes: ...
    def barrier(self, group: Members) -> None: ...


class SimulatedWire:
    """The primitives of shmrace: each is one step, and their order is explored."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world

    def send(self, to: str, content: bytes) -> None:
        self._world.send(to, content)

    def receive(self, source: str) -> bytes:
        content = self._world.recv(source)
        assert isinstance(content, bytes)
        return content

    def broadcast(self, group: Members, content: bytes | None) -> bytes:
        """The content, in every member of the group; only the first member passes it in."""
        found = self._world.group(group).broadcast(content, src=group[0])
        assert isinstance(found, bytes)
        return found

    def barrier(self, group: Members) -> None:
        self._world.group(group).barrier()


def peers_of(group: Sequence[str]) -> list[tuple[str, str]]:
    """The links of a star: from the first member to each other one, and back."""
    first, *others = group
    return [(first, other) for other in others] + [(other, first) for other in others]
