"""Who comes to which gate: notifications become gates, newborns become actors, the dead are noted.

`settle` returns when nobody moves any more: every actor stands at a gate, is suspended in a vfork,
or has ended.  What is no shared-memory operation is let through at once, here.
"""

import contextlib
import os
import select
import time

from shmrace.engine import approach, body
from shmrace.engine.actor import Actor, Gate, Process, Recorded
from shmrace.engine.forkserver import ForkServer
from shmrace.engine.protocol import decode, encode
from shmrace.linux import primitive, procfs
from shmrace.linux import process as processes
from shmrace.linux.listener import Notification
from shmrace.linux.memory import Memory
from shmrace.linux.syscalls import PRIMITIVE_NUMBER
from shmrace.stack import Frame

PATIENCE = 10.0
"""Seconds without a gate after which an actor that runs counts as hanging."""

_NEWBORN_PATIENCE = 0.2  # seconds after which an announced child is looked for

_BODY = body.__file__


class Hanging(Exception):
    """An actor burns time without reaching a gate."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(actor.name)
        self.actor = actor


class Arrivals:
    """The event loop of one execution."""

    def __init__(self, server: ForkServer, recorded: Recorded) -> None:
        self.server = server
        self.recorded = recorded
        self.actors: list[Actor] = []
        self.died: list[Process] = []  # since the caller last emptied it
        self._by_thread: dict[int, Actor] = {}
        self._processes: dict[int, Process] = {}
        self._expected: list[Actor] = []  # who has forked, for each newborn not yet seen
        self._early: dict[Actor, Notification] = {}  # came before their child was seen
        self._booting: dict[int, Memory] = {}
        self._hellos = 0  # actors that the server has yet to bring
        self._suspended: dict[Process, Actor] = {}  # by vfork, until the child executes or ends
        self._executing: set[Process] = set()
        self._replies: dict[int, bytes] = {}  # the second halves of long replies
        self._poll = select.poll()
        self._poll.register(server.listener.descriptor, select.POLLIN)
        self._poll.register(server.pidfd, select.POLLIN)

    def bring_actors(self) -> None:
        """Let the server fork this execution's actors, until each has said who it is."""
        self._hellos = len(self.server.parts)
        self.command("fork")
        self.actors.sort(key=lambda actor: actor.key)

    def command(self, word: str) -> None:
        """Give the server a command, and wait until it has carried it out."""
        while self.server.waiting is None:
            self._next_event(PATIENCE)
        at, self.server.waiting = self.server.waiting, None
        self.reply(at, encode(word), self.server.pid)
        while self.server.waiting is None or self._hellos:
            if not self._next_event(PATIENCE * 6):
                raise Hanging(self.actors[0]) if self.actors else TimeoutError(word)

    def settle(self) -> None:
        """Wait until nobody moves; raises `Hanging`."""
        deadline = time.monotonic() + PATIENCE
        while True:
            running = [actor for actor in self.actors if actor.running]
            if not running and not self._expected:
                return
            if self._next_event(_NEWBORN_PATIENCE if self._expected else PATIENCE):
                deadline = time.monotonic() + PATIENCE
            elif all(actor in self._early for actor in running):
                for one in [one for one in self._expected if not self._has_newborn(one)]:
                    self._expected.remove(one)  # its fork has failed
                    self._child_is_there(one)
            elif time.monotonic() >= deadline:
                raise Hanging(running[0])

    def release(self, actor: Actor) -> Gate:
        """Take an actor's gate away: it is about to move."""
        gate = actor.gate
        assert gate is not None
        actor.gate = None
        actor.running = True
        actor.process.descriptor_count = (
            procfs.descriptor_count(actor.process.pid) if actor.process.holds_channel else 0
        )
        return gate

    def expect_newborn(self, parent: Actor, suspended: bool) -> None:
        """The actor forks now; `suspended` by a vfork until the child executes or ends."""
        self._expected.append(parent)
        if suspended:
            parent.running = False

    def expect_exec(self, process: Process) -> None:
        self._executing.add(process)

    def thread_gone(self, actor: Actor) -> None:
        """Wait until a thread that exits is gone: until then, who joins it would still wait."""
        process = actor.process
        actor.running = False
        while process.alive and procfs.thread_lives(process.pid, actor.thread):
            self._next_event(0.0002)
        self._end(actor)

    def reply(self, at: Notification, content: bytes, process: int) -> None:
        """Answer a primitive: write the reply into the actor's memory."""
        where, room = at.arguments[3], at.arguments[4]
        if len(content) <= room:
            memory = Memory(process)
            memory.write(where, content)
            memory.close()
        else:
            self._replies[at.thread] = content
        self.server.listener.answer(at.id, len(content))

    def stack_of(self, actor: Actor) -> tuple[Frame, ...]:
        """The Python stack of an actor that stands at its gate or runs; innermost first.

        A signal makes the process write it; the call at the gate is restarted by the kernel and
        arrives once more.
        """
        if not actor.process.dumps_stacks or not actor.process.alive:
            return ()
        os.ftruncate(self.server.stacks, 0)
        os.lseek(self.server.stacks, 0, os.SEEK_SET)
        gate = actor.gate
        try:
            processes.signal_thread(actor.process.pid, actor.thread, body.STACK_SIGNAL)
        except OSError:
            return ()
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            if not self._readable(0.2):
                if gate is None:
                    break
                continue
            at = self.server.listener.receive()
            if at is None:
                continue
            if at.thread != actor.thread:
                self._arrive(at)
            elif gate is not None and _same_call(at, gate.notification):
                gate.notification = at
                break
            else:
                self.server.listener.proceed(at.id)
        return _parse_stack(os.pread(self.server.stacks, 1 << 16, 0).decode(errors="replace"))

    def find(self, name: str) -> Actor | None:
        """The actor with this name that came last."""
        for actor in reversed(self.actors):
            if actor.name == name:
                return actor
        return None

    def living(self) -> list[Process]:
        return [process for process in self._processes.values() if process.alive]

    def all_processes(self) -> list[Process]:
        """The living and the dead, in the order of their coming."""
        return list(self._processes.values())

    def kill(self, process: Process) -> None:
        """SIGKILL one process, and wait until it is dead."""
        processes.kill(process.pidfd)
        while process.alive:
            self._next_event(PATIENCE)

    def kill_all(self) -> None:
        """SIGKILL whoever is left, wait until they are dead, and let the server reap them."""
        for process in self.living():
            processes.kill(process.pidfd)
        while self.living():
            if not self._next_event(PATIENCE):
                break
        for process in self._processes.values():
            process.close()
        for memory in self._booting.values():
            memory.close()
        self.command("reap")

    def _readable(self, seconds: float) -> bool:
        for descriptor, _ in self._poll.poll(seconds * 1000):
            if descriptor == self.server.listener.descriptor:
                return True
            self._dead(descriptor)
        return False

    def _next_event(self, seconds: float) -> bool:
        """Deal with what comes next; False if nothing came."""
        events = self._poll.poll(seconds * 1000)
        for descriptor, _ in events:
            if descriptor == self.server.listener.descriptor:
                at = self.server.listener.receive()
                if at is not None:
                    self._arrive(at)
            else:
                self._dead(descriptor)
        return bool(events)

    def _arrive(self, at: Notification) -> None:
        actor = self._by_thread.get(at.thread)
        if actor is None:
            if at.thread == self.server.pid:
                self._serve(at)
                return
            actor = self._newcomer(at)
            if actor is None:
                return
        if actor in self._expected:
            self._early[actor] = at  # judged once its child is there, which it may ask about
            return
        self._come(actor, at)

    def _come(self, actor: Actor, at: Notification) -> None:
        process = actor.process
        if process in self._executing:
            self._after_exec(process)
        if at.number == PRIMITIVE_NUMBER and at.arguments[0] == primitive.FETCH:
            process.memory.write(at.arguments[3], self._replies.pop(at.thread))
            self.server.listener.answer(at.id, at.arguments[4])
            return
        if actor.gate is not None:  # a signal interrupted the call; its handler comes first
            actor.gate.close()
            actor.gate = None
        gate = approach.gate_for(actor, at, self.server, self.recorded)
        actor.gate = gate
        actor.running = gate is None

    def _serve(self, at: Notification) -> None:
        if at.number == PRIMITIVE_NUMBER:
            if at.arguments[0] == primitive.FETCH:
                memory = Memory(self.server.pid)
                memory.write(at.arguments[3], self._replies.pop(at.thread))
                memory.close()
                self.server.listener.answer(at.id, at.arguments[4])
                return
            self.server.waiting = at
        else:
            self.server.listener.proceed(at.id)

    def _newcomer(self, at: Notification) -> Actor | None:
        """An actor for a thread seen for the first time; None while it is not one yet."""
        try:
            who = procfs.identity(at.thread)
        except OSError:
            return None
        process = self._processes.get(who.process)
        if process is None and who.parent == self.server.pid and self._hellos:
            return self._boot(at, who)
        if process is None:
            parent = self._processes.get(who.parent)
            if parent is None:
                self.recorded.ungated.append("a process of unknown descent")
            process = self._adopt(who, parent)
            cloner = self._cloner(parent)
            if cloner is not None and not cloner.running and cloner.gate is None:
                self._suspended[process] = cloner
        else:
            cloner = self._cloner(process)
        if at.number != approach.BIRTH_NUMBER and process not in self._suspended:
            self.recorded.assumed.add("fork")
        return self._born(at.thread, process, cloner)

    def _child_is_there(self, parent: Actor) -> None:
        """Judge the call to which a parent came before its child did."""
        at = self._early.pop(parent, None)
        if at is not None and not parent.ended:
            self._come(parent, at)

    def _boot(self, at: Notification, who: procfs.Identity) -> Actor | None:
        """A child of the server is let through everywhere until it says which actor it is."""
        memory = self._booting.get(at.thread)
        if memory is None:
            memory = self._booting[at.thread] = Memory(who.process)
        if at.number != PRIMITIVE_NUMBER:
            approach.let_boot(at, memory, self.server, who.inner)
            return None
        (name,) = decode(memory.read(at.arguments[1], at.arguments[2]))
        memory.close()
        del self._booting[at.thread]
        place = [part.name for part in self.server.parts].index(name)
        process = self._adopt(who, None)
        process.dumps_stacks = True
        actor = Actor(name, at.thread, process, (place,))
        actor.part = True
        self._register(actor)
        self._hellos -= 1
        actor.gate = approach.primitive_gate(actor, at)
        return None

    def _adopt(self, who: procfs.Identity, parent: Process | None) -> Process:
        process = Process(who.process, who.inner, parent)
        self._processes[who.process] = process
        self._poll.register(process.pidfd, select.POLLIN)
        return process

    def _cloner(self, process: Process | None) -> Actor | None:
        for actor in self._expected:
            if process is None or actor.process is process:
                self._expected.remove(actor)
                return actor
        return process.actors[0] if process is not None and process.actors else None

    def _born(self, thread: int, process: Process, parent: Actor | None) -> Actor:
        if parent is None:
            name = f"process {process.inner}"
            key: tuple[int, ...] = (1 << 30, process.inner)
        else:
            parent.births += 1
            name = parent.next_child or f"{parent.name}/{parent.births}"
            key = (*parent.key, parent.births)
            parent.next_child = None
        actor = Actor(name, thread, process, key)
        if parent is not None:
            actor.last_step = parent.last_step
            actor.last_turn = actor.born_after = parent.last_turn
            if parent.process is not process:
                approach.inherit_channels(parent.process, process)
        self._register(actor)
        self.actors.sort(key=lambda one: one.key)
        if parent is not None:
            self._child_is_there(parent)
        return actor

    def _register(self, actor: Actor) -> None:
        self.actors.append(actor)
        self._by_thread[actor.thread] = actor

    def _after_exec(self, process: Process) -> None:
        self._executing.discard(process)
        now = procfs.address_space(process.pid)
        if now == process.address_space:
            return  # the exec failed
        process.address_space = now
        process.memory.reopen()
        process.dumps_stacks = False
        process.shares_memory = False
        for view in process.views.values():
            view.mapped, view.place = False, None
        self._resume(process)

    def _resume(self, process: Process) -> None:
        parent = self._suspended.pop(process, None)
        if parent is not None and not parent.ended:
            parent.running = True

    def _dead(self, descriptor: int) -> None:
        if descriptor == self.server.pidfd:
            raise ConnectionError("the fork server has died")
        for process in self._processes.values():
            if process.pidfd == descriptor:
                self._poll.unregister(descriptor)
                process.alive = False
                process.status = procfs.exit_status(process.pid)
                self._executing.discard(process)
                for actor in process.actors:
                    self._end(actor)
                self._resume(process)
                self.died.append(process)
                return
        with contextlib.suppress(KeyError):
            self._poll.unregister(descriptor)

    def _end(self, actor: Actor) -> None:
        actor.ended = True
        actor.running = False
        if actor.gate is not None:
            actor.gate.close()
            actor.gate = None
        self._by_thread.pop(actor.thread, None)
        if actor in self._expected:
            self._expected.remove(actor)

    def _has_newborn(self, parent: Actor) -> bool:
        """Did the fork succeed?  Its child exists even while it has not come to a gate."""
        pid = parent.process.pid
        known = set(self._processes)
        if any(thread not in self._by_thread for thread in procfs.threads(pid)):
            return True
        children = f"/proc/{pid}/task/{parent.thread}/children"
        with contextlib.suppress(OSError), open(children) as listing:
            return any(int(child) not in known for child in listing.read().split())
        return False


def _same_call(first: Notification, second: Notification) -> bool:
    return first.number == second.number and first.arguments == second.arguments


def _parse_stack(text: str) -> tuple[Frame, ...]:
    """Frames out of what `faulthandler` writes, which is innermost first."""
    frames = []
    for line in text.splitlines():
        head, quote, rest = line.partition('File "')
        path, closing, tail = rest.rpartition('", line ')
        number, _, function = tail.partition(" in ")
        if path == _BODY:
            break  # what is outside of it belongs to the orchestrator that was forked
        if quote and closing and not head.strip() and number.isdigit():
            frames.append(Frame(path, int(number), function))
    return tuple(frames)
