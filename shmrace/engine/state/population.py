"""The processes and actors of one execution: their births, executions of programs, and deaths.

A thread is first seen at a gate of its own.  Whose child it is follows from ``/proc``, which cannot
change while it stands still, and its name from how many children its parent had before.
"""

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.file_locks import FileLocks
from shmrace.engine.state.process import Process
from shmrace.linux import mappings, open_files, procfs

_TRACKER = "resource_tracker import main"
"""What stands in the command line of a resource tracker.  Source: CPython,
Lib/multiprocessing/resource_tracker.py."""


class Population:
    """The living and the dead; `actors` are in the order of their keys."""

    def __init__(self) -> None:
        self.actors: list[Actor] = []
        self.turn = -1  # the present one
        self.locks = FileLocks()
        self.spawned_roles: dict[str, str] = {}  # of the actors that others have spawned, by name
        self.expected: list[Actor] = []  # the parent of each newborn that is not yet seen
        self._gone: list[Actor] = []  # who has ended since it was asked last
        self._unreaped: list[Process] = []  # the dead of whom something is left
        self._by_thread: dict[int, Actor] = {}
        self._by_name: dict[str, Actor] = {}
        self._processes: dict[int, Process] = {}  # by pid, which may come again after a death
        self._everybody: list[Process] = []
        self._suspended: dict[Process, Actor] = {}  # by vfork, until the child executes or ends
        self._executing: set[Process] = set()

    def at(self, thread: int) -> Actor | None:
        """The actor that runs on this thread."""
        return self._by_thread.get(thread)

    def find(self, name: str) -> Actor | None:
        """The actor with this name that came last."""
        return self._by_name.get(name)

    def process(self, pid: int) -> Process | None:
        return self._processes.get(pid)

    def processes(self) -> list[Process]:
        """The living and the dead, in the order of their coming."""
        return list(self._everybody)

    def living(self) -> list[Process]:
        return [process for process in self._everybody if process.alive]

    def running(self) -> list[Actor]:
        return [actor for actor in self.actors if actor.running]

    def expect_newborn(self, parent: Actor, suspended: bool) -> None:
        """The actor forks now; `suspended` by a vfork until the child executes or ends."""
        self.expected.append(parent)
        if suspended:
            parent.running = False

    def expect_exec(self, process: Process) -> None:
        """The process executes a program now, if nothing prevents it."""
        self._executing.add(process)

    def enter(self, actor: Actor) -> None:
        """An actor has come."""
        self.actors.append(actor)
        self.actors.sort(key=lambda one: one.key)
        self._by_thread[actor.thread] = actor
        self._by_name[actor.name] = actor

    def adopt(self, who: procfs.Identity, parent: Process | None) -> Process:
        """A process that is seen for the first time."""
        process = Process(who.process, who.inner, parent, self.locks)
        self._processes[who.process] = process
        self._everybody.append(process)
        self.locks.born(who.process, parent.pid if parent is not None else None)
        return process

    def parent_of(self, process: Process | None) -> Actor | None:
        """The actor of this process that has started the new thread or process."""
        for actor in self.expected:
            if process is None or actor.process is process:
                self.expected.remove(actor)
                return actor
        return process.actors[0] if process is not None and process.actors else None

    def suspend(self, parent: Actor, child: Process) -> None:
        """A vfork: the parent goes on when the child has executed a program, or has ended."""
        self._suspended[child] = parent

    def holds_up_its_parent(self, process: Process) -> bool:
        return process in self._suspended

    def born(
        self, thread: int, process: Process, parent: Actor | None, inner: int
    ) -> Actor:  # fmt: skip
        """The actor of a new thread, which its process calls `inner`."""
        if parent is None:
            actor = Actor(f"process {process.inner}", thread, process, (1 << 30, process.inner))
            actor.inner = inner
            self.enter(actor)
            return actor
        parent.births.count += 1
        name = parent.births.next_name or f"{parent.name}/{parent.births.count}"
        actor = Actor(name, thread, process, (*parent.key, parent.births.count))
        actor.inner = inner
        actor.spawned = parent.births.next_name is not None
        parent.births.next_name = None
        actor.last.index = parent.last.index
        actor.last.turn = actor.born_after = parent.last.turn
        if parent.process is not process:
            _inherit_channels(parent.process, process)
        self.enter(actor)
        return actor

    def follow_exec(self, process: Process) -> None:
        """The process comes to a gate after an exec: has it become another program?"""
        if process not in self._executing:
            return
        self._executing.discard(process)
        now = procfs.address_space(process.pid)
        if now == process.address_space:
            return  # the exec failed
        process.address_space = now
        for actor in process.actors:
            if actor.thread != process.pid:  # an exec ends all other threads, and takes that name
                self.gone(actor)
        process.memory.reopen()
        process.dumps_stacks = False
        process.holdings.forget_mappings()
        process.is_tracker = is_tracker(process.pid)
        self.locks.executed(process.pid)
        self._resume_parent(process)

    def dead(self, process: Process) -> None:
        """The process is dead, and not yet reaped."""
        process.alive = False
        process.died_in = self.turn
        self._unreaped.append(process)
        process.status = procfs.exit_status(process.pid)
        self._executing.discard(process)
        self.locks.gone(process.pid)
        for actor in process.actors:
            self.gone(actor)
        self._resume_parent(process)
        for child in process.children:
            self._end_with(process, child)

    def _end_with(self, parent: Process, child: Process) -> None:
        """A child that has asked for it gets a signal: if that ends it, it stands no more.  Source:
        prctl(2) on PR_SET_PDEATHSIG."""
        number = child.ends_with_parent
        if not (number and child.alive and procfs.dies_of(child.pid, number)):
            return
        child.signalled_by.setdefault(number, parent.name)
        for actor in child.actors:
            if actor.gate is not None:
                actor.gate.close()
                actor.gate = None
            actor.running, actor.waits_in = not actor.ended, ""

    def gone(self, actor: Actor) -> None:
        """The actor's thread is gone."""
        if not actor.ended:
            self._gone.append(actor)
        actor.ended = True
        actor.running = False
        if actor.gate is not None:
            actor.gate.close()
            actor.gate = None
        self._by_thread.pop(actor.thread, None)
        if actor in self.expected:
            self.expected.remove(actor)

    def has_orphaned_dead(self) -> bool:
        """Is there a dead process that nobody in the program can wait for?"""
        return any(one.parent is None or not one.parent.alive for one in self._unreaped)

    def take_gone(self) -> list[Actor]:
        """Who has ended since this was asked last."""
        gone, self._gone = self._gone, []
        return gone

    def take_reaped(self) -> list[Process]:
        """Of whom nothing is left since this was asked last."""
        found = [one for one in self._unreaped if not procfs.lives(one.pid)]
        for one in found:
            one.reaped = True
            self._unreaped.remove(one)
        return found

    def has_newborn(self, parent: Actor) -> bool:
        """Did the fork succeed?  Its child exists even while it has not come to a gate."""
        pid = parent.process.pid
        if any(thread not in self._by_thread for thread in procfs.threads(pid)):
            return True
        found = procfs.children(pid, parent.thread)
        return any(child not in self._processes for child in found)

    def _resume_parent(self, process: Process) -> None:
        """The kernel wakes the parent of a vfork as its child executes: the parent may stand at
        its next gate before the child comes to its first one."""
        parent = self._suspended.pop(process, None)
        if parent is not None and not parent.ended:
            parent.running = parent.gate is None


def is_tracker(process: int) -> bool:
    """Does this process run a resource tracker?"""
    return any(_TRACKER in argument for argument in procfs.command_line(process))


def _inherit_channels(parent: Process, child: Process) -> None:
    """After a fork both ends of what the parent had open are in both processes."""
    held = bool(open_files.channels(parent.pid))
    child.channels.shares_file = parent.channels.shares_file
    child.channels.maps_file = parent.channels.maps_file
    if held or parent.channels.in_use:
        parent.channels.in_use = child.channels.in_use = True
        for process in (parent, child):
            process.look_at_channels()
    if any(
        "w" in mapping.permissions and not mapping.path.startswith("/dev/shm")
        for mapping in mappings.shared(parent.pid)
    ):
        parent.holdings.shares_memory = child.holdings.shares_memory = True
