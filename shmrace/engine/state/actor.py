"""The orchestrator's records of who is scheduled: processes, their threads, and their gates."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from shmrace.linux import procfs
from shmrace.linux.decode import Shape
from shmrace.linux.listener import Notification
from shmrace.linux.memory import Memory
from shmrace.linux.paths import Location, Resolver
from shmrace.model.assumptions import Assumption
from shmrace.model.operations import Inode, Operation
from shmrace.model.record import Ending, Tracked
from shmrace.model.trace import Step

ASKS_FOR_LIVENESS = "the code asks whether a process lives"
OUTLIVED = "an actor has started a process that outlives it"
"""What only a process that really ends shows as it is."""


@dataclass
class View:
    """How a process holds a segment: by these descriptors, by a mapping, or both."""

    descriptors: set[int] = field(default_factory=set)
    mapped: bool = False
    place: tuple[int, int] | None = None  # (start, end) where the mapping was last seen


@dataclass
class Gate:
    """Where an actor stands: the operation that it is about to do."""

    notification: Notification
    call: str
    shape: Shape
    operation: str  # what a reader calls it
    flags: int = 0
    locations: tuple[Location, ...] = ()
    inode: Inode | None = None
    descriptor: int = -1
    primitive: int = 0
    request: tuple[Any, ...] = ()
    channel: bool = False
    waited: bool = False  # was found waiting at least once
    answered: bool = False  # with a value of the orchestrator's own
    target: int = 0  # the process that it is about, as its caller names it
    detail: str = ""
    deadline: int | None = None  # when its wait is over, by its process' clock
    refused: str = ""  # the errno with which a fault makes it fail

    @property
    def automatic(self) -> bool:
        """Let through as soon as it would not wait, without a decision."""
        return self.shape.family == "wait" and self.operation not in (
            Operation.POLL,
            Operation.HAS_ENDED,
        )

    def close(self) -> None:
        for location in self.locations:
            location.close()


class Process:
    """One process under the gate."""

    def __init__(self, pid: int, inner: int, parent: Process | None) -> None:
        self.pid = pid
        self.inner = inner
        self.parent = parent
        self.pidfd = os.pidfd_open(pid)
        self.memory = Memory(pid)
        self.resolver = Resolver(pid, str(inner))
        self.address_space = procfs.address_space(pid)
        self.actors: list[Actor] = []
        self.children: list[Process] = []
        self.dumps_stacks: bool = parent.dumps_stacks if parent else False
        self.views: dict[Inode, View] = {}
        self.locked: dict[int, Inode] = {}  # by descriptor: the files whose lock it holds
        self.shares_memory = False  # through a mapping that no segment explains
        self.holds_channel = False
        self.shares_file = False  # writes one, or has opened one that somebody writes
        self.channels: dict[int, str] = {}  # its descriptors of some, when they were last noted
        self._descriptor_count = -1  # at that time
        self.arrivals: dict[tuple[int, bool], tuple[str, str]] = {}  # see engine/waits/channels.py
        self.uses: list[tuple[str, str]] = []  # of channels in the present step: (kind, arrival)
        self.incoming: set[str] = set()  # arrivals at which others have sent it something
        self.tracked: list[tuple[str, bool, str]] = []  # in the present step, see waits/trackers.py
        self.is_tracker = False
        self.looked = False  # for news in the present turn, in vain, since it last waited
        self.took = False  # some in the present turn, since it last waited
        self.spoke = False  # its main thread in the present turn
        self.busy = False  # one of its threads may go on by decision, while another's wait ends
        self.descriptors_at_first = 0  # when its actor started
        self.threads_at_first: list[int] = []  # likewise
        self.now: int = (
            parent.now if parent is not None else 0
        )  # nanoseconds since the session's start
        self.time_has_passed = False  # in this execution: it slept, or waited for a while
        self.alive = True
        self.status: int | None = None  # wait status, once dead
        if parent is not None:
            parent.children.append(self)
            self.views = {
                inode: View(set(view.descriptors), view.mapped, view.place)
                for inode, view in parent.views.items()
            }
            self.shares_memory = parent.shares_memory

    @property
    def name(self) -> str:
        return self.actors[0].name if self.actors else f"process {self.inner}"

    def is_outlived(self) -> bool:
        """Does a process that it, or one of its children, has started still do something?"""
        return any(
            child.is_outlived() or (child.alive and not child.actors[0].has_played)
            for child in self.children
            if child.actors
        )

    def note_channels(self) -> None:
        """Look which channels it has open now, if it has opened or closed anything."""
        count = procfs.descriptor_count(self.pid)
        if count != self._descriptor_count:
            self._descriptor_count = count
            self.channels = procfs.channels(self.pid)

    def forget_channels(self) -> None:
        """Look anew next time: its setup may have closed as many as it has opened."""
        self._descriptor_count, self.channels = -1, {}
        self.arrivals, self.uses = {}, []

    def view(self, inode: Inode) -> View:
        return self.views.setdefault(inode, View())

    def close(self) -> None:
        self.memory.close()
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1


class Actor:
    """One thread of control."""

    def __init__(self, name: str, thread: int, process: Process, key: tuple[int, ...]) -> None:
        self.name = name
        self.thread = thread
        self.process = process
        self.key = key  # the order of actors: the scenario's, children behind their parents
        self.gate: Gate | None = None
        self.running = False
        self.ended = False  # the thread is gone
        self.births = 0
        self.births_at_start = 0  # those of its setup
        self.part = False  # it plays a role, so an execution waits for it
        self.spawned = False  # it plays one since another actor spawned it
        self.started = False
        self.outcome: Ending | None = None
        self.last_step = -1
        self.last_turn = -1
        self.born_after = -1  # the turn of the fork, until its own first turn
        self.random_calls = 0
        self.used_channel = False  # in the present step
        self.heard: set[int] = set()  # the turns that sent what it has taken since its last one
        self.fruitless = 0  # looks at a channel in a row that found nothing
        self.sleeps = 0  # and other retries, since anybody changed anything
        self.in_vain: set[tuple[str, str, str, str]] = set()  # since then, and since it slept
        self.retried = False  # in its last step
        self.next_child: str | None = None
        self.killed = False
        self.struck = ""  # the last fault that it lived to see
        process.actors.append(self)

    @property
    def is_role(self) -> bool:
        """Does it play a role, as opposed to a thread or child of one that does?"""
        return self.part or self.spawned

    @property
    def has_played(self) -> bool:
        """Is the body of its role over?"""
        return self.is_role and self.outcome is not None

    @property
    def failed(self) -> bool:
        """It died, or its body raised: whoever waits for it learns so."""
        if self.killed or (self.outcome is not None and self.outcome.raised):
            return True
        return self.ended and self.outcome is None

    def __repr__(self) -> str:
        return f"<Actor {self.name} at {self.gate.operation if self.gate else 'no gate'}>"


@dataclass
class Recorded:
    """What an execution has seen so far besides its trace."""

    steps: list[Step] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)  # of closed doors: io_uring, i386, x32
    ungated: list[str] = field(default_factory=list)
    assumed: set[Assumption] = field(default_factory=set)
    tracked: list[Tracked] = field(default_factory=list)
    real_ends: str = ""  # why the processes of actors have to end, and not to be kept
    told_apart_in_setup: bool = False  # actors of an interchangeable role, in no step of the trace
