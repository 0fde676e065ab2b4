"""Warm processes between two executions: which are kept, and what is remembered of them.

A process is kept if it is as it was at its start: it stands where it says which actor it is, has
the same threads, and no more descriptors or children; it holds no segment; each of its other
threads waits, and no message lies unread in its channels.  Processes that a scenario's `setup` has
connected are kept all or replaced all.
"""

import os
import select
from collections.abc import Iterable
from dataclasses import dataclass

from shmrace.engine.protocol import Primitive
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.process import AtStart, Process
from shmrace.engine.waits import calls
from shmrace.linux import open_files
from shmrace.linux.listener import Notification
from shmrace.linux.process import copy_descriptor
from shmrace.linux.procfs import Identity, identity, threads


@dataclass(frozen=True)
class KeptThread:
    """A thread that `setup` has started: it waits at its gate."""

    name: str
    key: tuple[int, ...]
    thread: int
    gate: Gate


@dataclass(frozen=True)
class KeptProcess:
    """A process that stands where it says which actor it is."""

    at: Notification
    who: Identity
    descriptors: int  # how many it has open when it starts
    holds_channel: bool
    shares_memory: bool
    births: int
    opaque_calls: int
    has_watches: bool
    threads: tuple[KeptThread, ...]


def remember_start(process: Process) -> None:
    """Remember how a process is when its setup is over."""
    process.at_start = AtStart(
        open_files.count(process.pid), tuple(threads(process.pid)), process.opaque_calls
    )


def reusable(actors: Iterable[Actor], together: bool) -> list[Actor]:
    """The actors whose processes are as they were at their start; all or none if they belong
    `together`."""
    parts = [actor for actor in actors if actor.part]
    found = [actor for actor in parts if _as_before(actor)]
    return [] if together and len(found) < len(parts) else found


def kept(actor: Actor, server: int) -> KeptProcess:
    """How to find the actor's process, a child of process `server`, again."""
    process = actor.process
    assert actor.gate is not None
    threads_kept = [
        KeptThread(one.name, one.key, one.thread, one.gate)
        for one in process.actors
        if one is not actor and not one.ended and one.gate is not None
    ]
    return KeptProcess(
        actor.gate.notification, Identity(process.pid, server, process.inner),
        process.at_start.descriptors, process.channels.in_use, process.holdings.shares_memory,
        actor.births.in_setup, process.opaque_calls, process.has_watches, tuple(threads_kept),
    )  # fmt: skip


def restore(actor: Actor, was: KeptProcess) -> list[Actor]:
    """Make the actor's process what it was; the actors of its other threads."""
    process = actor.process
    process.channels.in_use, process.holdings.shares_memory = was.holds_channel, was.shares_memory
    actor.births.count = actor.births.in_setup = was.births
    process.opaque_calls, process.has_watches = was.opaque_calls, was.has_watches
    found = []
    for one in was.threads:
        other = Actor(one.name, one.thread, process, one.key)
        other.inner = identity(one.thread).inner
        other.gate, other.started = one.gate, True
        found.append(other)
    own = sorted([actor.thread, *(one.thread for one in was.threads)])
    process.at_start = AtStart(was.descriptors, tuple(own), was.opaque_calls)
    return found


def _as_before(actor: Actor) -> bool:
    process = actor.process
    at_rest = actor.gate is not None and actor.gate.primitive == Primitive.HELLO
    if not at_rest or not process.alive or process.holdings.views or process.channels.shares_file:
        return False
    if process.opaque_calls != process.at_start.opaque_calls:
        return False
    if process.locks.holds(process.pid):
        return False
    if any(child.alive or not child.reaped for child in process.children):
        return False
    if tuple(threads(process.pid)) != process.at_start.threads:
        return False
    if open_files.count(process.pid) != process.at_start.descriptors:
        return False
    others = [one for one in process.actors if one is not actor and not one.ended]
    return not others or (all(map(_waits, others)) and not _something_unread(process))


def _waits(actor: Actor) -> bool:
    gate = actor.gate
    return gate is not None and gate.automatic and calls.state(actor, gate) == calls.WAITS


def _something_unread(process: Process) -> bool:
    """Does a message lie in one of its channels that nobody has asked for?"""
    poll = select.poll()
    copies = []
    try:
        for descriptor in open_files.channels(process.pid):
            copies.append(copy_descriptor(process.pidfd, descriptor))
            poll.register(copies[-1], select.POLLIN)
        return any(event & select.POLLIN for _, event in poll.poll(0))
    finally:
        for copy in copies:
            os.close(copy)
