"""What the instructions of a random program call, in the actor that runs them.

A file of its own that needs nothing but shmrace: its text is pasted into the case that is
written of a program.  Each instruction's value, or the name of its errno, is appended to a log.
No value tells an inode's number, a process' number or an address: these differ from run to run.
"""

import contextlib
import errno
import fcntl
import mmap
import os
import stat
import struct
import threading
from collections.abc import Callable, Sequence
from typing import Any

import shmrace
from shmrace import World

SHM = "/dev/shm"
A, B, C, D = SHM + "/a", SHM + "/b", SHM + "/c", SHM + "/d"
IN_D = D + "/a"
EXPECTED = (LookupError, ValueError, TypeError, shmrace.PeerDied)
"""What an instruction may raise besides `OSError`: it lacks a descriptor, a mapping or a peer."""

Body = Callable[["Player"], None]


class Player:
    """One thread of control: what it holds, and what it saw."""

    def __init__(self, scenario: "RandomScenario", world: World, parent: "Player | None") -> None:
        self.scenario = scenario
        self.world = world
        self.fd: dict[int, int] = parent.fd if parent is not None else {}
        self.view: dict[int, mmap.mmap] = parent.view if parent is not None else {}
        self.log: list[Any] = []
        self.pid: dict[int, int] = {}  # of forked children
        self.child: dict[int, shmrace.Child] = {}
        self.thread: dict[int, tuple[threading.Thread, Player]] = {}

    def do(self, instruction: Callable[[], Any]) -> None:
        """Carry one out, and enter what it came to."""
        if self.scenario.checkpoints:
            self.world.checkpoint("next")
        if self.scenario.strict:
            self.log.append(instruction())
            return
        try:
            self.log.append(instruction())
        except OSError as error:
            self.log.append(errno.errorcode.get(error.errno or 0, type(error).__name__))
        except EXPECTED as error:
            self.log.append(type(error).__name__)

    def play(self, body: Body) -> list[Any]:
        """All of a body; its log."""
        body(self)
        for thread, player in self.thread.values():
            thread.join()
            self.log.append(player.log)
        if self.scenario.tidy:
            for pid in self.pid.values():
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)
            self.let_go()
        return self.log

    def let_go(self) -> None:
        """Unmap and close all that is left."""
        for view in self.view.values():
            view.close()
        for fd in self.fd.values():
            with contextlib.suppress(OSError):
                os.close(fd)
        self.view.clear()
        self.fd.clear()

    def open(self, slot: int, path: str, flags: int) -> str:
        return self.keep(slot, os.open(path, flags, 0o600))

    def keep(self, slot: int, fd: int) -> str:
        """Hold a descriptor in a slot; what was held there is closed."""
        if slot in self.fd:
            os.close(self.fd.pop(slot))
        self.fd[slot] = fd
        return "held"

    def hold_at(self, slot: int, number: int) -> str:
        """Hold a second descriptor of the same file, under a number that others know."""
        self.fd[number] = os.dup2(self.fd[slot], number)
        return "held"

    def pipe(self) -> str:
        """Its reading end lies in slot 8, its writing end in slot 9."""
        if 8 in self.fd or 9 in self.fd:
            raise LookupError("there is one already")
        self.fd[8], self.fd[9] = os.pipe()
        return "held"

    def read(self, slot: int, count: int) -> list[int]:
        return list(os.read(self.fd[slot], count))

    def pread(self, slot: int, count: int, offset: int) -> list[int]:
        return list(os.pread(self.fd[slot], count, offset))

    def map(self, slot: int) -> str:
        self.view[slot] = mmap.mmap(self.fd[slot], 2)
        return "mapped"

    def map_private(self, slot: int) -> str:
        """A mapping of one's own, in which the stores of others show nevertheless."""
        self.view[slot] = mmap.mmap(self.fd[slot], 2, access=mmap.ACCESS_COPY)
        return "mapped"

    def store(self, slot: int, place: int, value: int) -> None:
        self.view[slot][place] = value

    def kind(self, found: os.stat_result) -> str:
        """Is it a file, a link or a directory?"""
        return stat.filemode(found.st_mode)[0]

    def same(self, slot: int, path: str) -> Any:
        """Does a name still mean the file that is held?"""
        return os.fstat(self.fd[slot]).st_ino == os.stat(path).st_ino

    def asked(self, slot: int, start: int, length: int) -> str:
        """Would a record lock be granted?  The kind of the one in the way, or "free"."""
        wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)
        found = struct.unpack("hhqqi4x", fcntl.fcntl(self.fd[slot], fcntl.F_GETLK, wanted))
        return {fcntl.F_UNLCK: "free", fcntl.F_RDLCK: "shared"}.get(found[0], "exclusive")

    def descriptor_of(self, rank: str, number: int) -> str:
        """The path to what another holds."""
        return f"/proc/{self.scenario.pids[rank]}/fd/{number}"

    def spawn(self, number: int) -> str:
        self.child[number] = self.world.spawn(self.scenario.spawned, number, name=f"child{number}")
        return "spawned"

    def join(self, number: int) -> Any:
        ended = self.child.pop(number).join()
        return ended.status, ended.value

    def start(self, number: int) -> str:
        """A thread, with the descriptors and mappings of this one."""
        player = Player(self.scenario, self.world, self)
        body = self.scenario.child(number)
        thread = threading.Thread(target=lambda: body(player))
        thread.start()
        self.thread[number] = (thread, player)
        return "started"

    def await_thread(self, number: int) -> list[Any]:
        thread, player = self.thread.pop(number)
        thread.join()
        return player.log

    def fork(self, number: int) -> str:
        """A child with copies of the descriptors; it prints its log."""
        pid = os.fork()
        if pid == 0:
            try:
                player = Player(self.scenario, self.world, self)
                self.scenario.child(number)(player)
                os.write(1, f"child {number}: {player.log}\n".encode())
            finally:
                os._exit(number)
        self.pid[number] = pid
        return "forked"

    def wait(self, number: int, flags: int) -> Any:
        found, status = os.waitpid(self.pid[number], flags)
        return status if found else "runs"


class RandomScenario(shmrace.Scenario):
    """The base of a program's class, which has a body for each rank and each child."""

    tidy = True  # are all descriptors closed and all children awaited at the end?
    checkpoints = False  # is there a gate before each instruction?
    strict = False  # does what an instruction raises end its rank?
    knows_pids = False  # do the ranks know each other's process?
    pids: dict[str, int]  # by rank

    def bodies(self) -> Sequence[Body]:
        """Those of the ranks."""
        return ()

    def children(self) -> Sequence[Body]:
        """Those of what the ranks start: actors, threads, forked children."""
        return ()

    def setup(self, world: World) -> None:
        if self.knows_pids:
            others = [rank for rank in range(world.size) if rank != world.rank]
            for rank in others:
                world.send(rank, os.getpid())
            self.pids = {f"rank{rank}": world.recv(rank) for rank in others}

    def rank(self, world: World) -> list[Any]:
        return Player(self, world, None).play(self.bodies()[world.rank])

    def spawned(self, world: World, number: int) -> list[Any]:
        return Player(self, world, None).play(self.child(number))

    def child(self, number: int) -> Body:
        return self.children()[number]

    def accept(self, finding: Any, execution: Any) -> Any:
        """How it ends is part of the outcome; unless strict, only what `check` says counts."""
        return finding.kind != "invariant" and not self.strict
