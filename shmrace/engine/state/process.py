"""The record of one process: what it is, and what it holds, uses and has done in this turn."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from shmrace.engine.state.channel_ends import ChannelEnds
from shmrace.engine.state.file_locks import FileLocks
from shmrace.engine.state.holdings import Holdings
from shmrace.linux import procfs
from shmrace.linux.connection import Place
from shmrace.linux.memory import Memory
from shmrace.linux.paths import Resolver
from shmrace.model.operations import Inode

if TYPE_CHECKING:
    from shmrace.engine.state.actor import Actor

MILLISECOND = 1_000_000  # nanoseconds
_LATEST = 1 << 61  # a sleep may be asked to last longer


@dataclass
class ProcessClock:
    """The virtual time of one process."""

    now: int = 0  # nanoseconds since the session's start
    has_passed: bool = False  # in this execution: it slept, or waited for a while

    def move_to(self, moment: int) -> None:
        """Move forward to a moment, if it is not later already; more than a millisecond counts as
        time that has passed."""
        moment = min(moment, _LATEST)
        self.has_passed |= moment - self.now > MILLISECOND
        self.now = max(self.now, moment)


@dataclass(frozen=True)
class AtStart:
    """What a process had when its actor started, by which it is known to be as it was."""

    descriptors: int = 0
    threads: tuple[int, ...] = ()
    opaque_calls: int = 0


class ChannelUse(Enum):
    """How a process uses a channel."""

    READ = "takes what is there"
    WRITE = "sends something"
    LOOK = "looks, and finds nothing or no room"
    CLOSE = "ends, and its descriptors are closed"


@dataclass
class Traffic:
    """What went over a process' channels in the present step; replaced behind each step."""

    uses: list[tuple[ChannelUse, Place | None]] = field(default_factory=list)
    """How, and where what goes through the channel arrives."""
    tracked: list[tuple[str, bool, str]] = field(default_factory=list)
    """What resource trackers were told: (tracker, whether it registers, name)."""
    found_closed: bool = False
    """A call that does not wait for it found the other end of a channel closed."""


@dataclass(frozen=True)
class Looks:
    """How a process looked for news in the present turn; replaced in each, and when it waits."""

    in_vain: bool = False
    found_some: bool = False


class Process:
    """One process under the gate."""

    def __init__(
        self, pid: int, inner: int, parent: Process | None, locks: FileLocks | None = None
    ) -> None:
        # what it is
        self.pid = pid
        self.inner = inner  # its pid in the private namespace
        self.parent = parent
        self.pidfd = os.pidfd_open(pid)
        self.actors: list[Actor] = []  # its threads
        self.children: list[Process] = []
        self.is_tracker = False
        self.has_watches: bool = parent.has_watches if parent else False
        self.opaque_calls: int = parent.opaque_calls if parent else 0  # made by it so far
        self.dumps_stacks: bool = parent.dumps_stacks if parent else False
        self.alive = True
        self.status: int | None = None  # wait status, once dead
        self.died_in = -1  # the turn of its death
        self.ends_with_parent = 0  # the signal that it has asked for when its parent ends
        self.signalled_by: dict[int, str] = {}  # by signal, the first to have sent it
        self.reaped = False  # nothing is left of it
        # its memory
        self.memory = Memory(pid)
        self.resolver = Resolver(pid, str(inner))
        self.address_space = procfs.address_space(pid)
        # what it holds and uses
        self.holdings: Holdings = parent.holdings.of_a_child() if parent is not None else Holdings()
        self.locks = FileLocks() if locks is None else locks  # of all processes
        self.channels = ChannelEnds()
        self.clock: ProcessClock = ProcessClock(parent.clock.now if parent is not None else 0)
        self.at_start = AtStart()
        # scratch, replaced as it says
        self.traffic = Traffic()
        self.looks = Looks()
        self.looked_at: set[Inode] = set()  # files that it let go of in this step
        self.has_spoken = False  # its main thread sent something in the present turn
        self.is_busy = False  # a thread may go on by decision, while the wait of another ends
        if parent is not None:
            parent.children.append(self)

    @property
    def name(self) -> str:
        return self.actors[0].name if self.actors else f"process {self.inner}"

    @property
    def has_relatives(self) -> bool:
        """Has another process some of its open file descriptions, or had one?"""
        return self.parent is not None or bool(self.children)

    def begin_turn(self) -> None:
        """Nothing has happened in the new turn."""
        self.looks, self.has_spoken = Looks(), False

    def look_at_channels(self) -> None:
        """Look which channels it has open now."""
        self.channels.look(self.pid)

    def relatives(self) -> list[Process]:
        """The other living processes of which one has forked the other, or another one both."""
        root = self
        while root.parent is not None:
            root = root.parent
        found, pending = [], [root]
        while pending:
            one = pending.pop()
            pending += one.children
            if one.alive and one is not self:
                found.append(one)
        return found

    def is_outlived(self) -> bool:
        """Does a process that it, or one of its children, has started still do something?"""
        return any(
            child.is_outlived() or (child.alive and not child.actors[0].has_played)
            for child in self.children
            if child.actors
        )

    def close(self) -> None:
        self.memory.close()
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1
