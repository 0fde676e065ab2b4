"""The event loop of an execution: which actor comes to which gate.

`settle` returns when no actor moves any more: each stands at a gate, is suspended in a vfork, or
has ended.  What is no shared-memory operation is let through at once, on arrival.
"""

import contextlib
import select
import signal
import time
from collections.abc import Iterable
from typing import Any

from shmrace.engine.gate import classify, requests, stacks, unknown_waits
from shmrace.engine.gate.interrupts import Interrupts
from shmrace.engine.gate.new_actors import NewActors
from shmrace.engine.gate.patience import PATIENCE, ActorHangs, OutOfTime, longest
from shmrace.engine.gate.replies import Replies
from shmrace.engine.processes import server, warm
from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.protocol import encode
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.observations import Observations
from shmrace.engine.state.population import Population
from shmrace.engine.state.process import Process
from shmrace.errors import GateLost
from shmrace.linux import primitive, procfs
from shmrace.linux.listener import Notification
from shmrace.linux.process import kill
from shmrace.linux.syscalls import PRIMITIVE_NUMBER
from shmrace.model.stack import Frame

_NEWBORN_PATIENCE = 0.2  # seconds after which an announced child is looked for
_BOOT_PATIENCE = 60  # seconds for the actors to come up


class EventLoop:
    """Receives what the listener and the pidfds have to tell."""

    def __init__(self, server: ForkServer, observations: Observations, hangs: str = "") -> None:
        self.server = server
        self._hangs = hangs  # the actor that did so when this was run before
        self.population = Population()
        self.population.locks.outsider = server.pid
        self.population.locks.unconcerned = server.own_files
        self.observations = observations
        self.reused = False  # some of the processes have been their actors before
        self.replies = Replies(server.listener)
        self._woken: dict[Actor, Notification] = {}  # at their next call, while others move
        self.interrupts = Interrupts(server.listener)
        self._poll = select.poll()
        self._poll.register(server.listener.descriptor, select.POLLIN)
        self._poll.register(server.pidfd, select.POLLIN)
        self._new_actors = NewActors(server, self.population, observations, self._poll, self._come)

    def bring_actors(self, fresh: bool) -> None:
        """Take the warm processes, unless they shall be `fresh`, and let the server fork the others
        of this execution's actors, until each has said who it is."""
        kept = {} if fresh else self.server.warm
        self.reused = bool(kept)
        for one in kept.values():
            actor = self._new_actors.enter_part(one.at, one.who)
            for thread in warm.restore(actor, one):
                self.population.enter(thread)
        wanted = [part.name for part in self.server.parts if part.name not in kept]
        self._new_actors.awaited = len(wanted)
        beside = fresh and bool(self.server.warm)
        self.command("fork", wanted, server.FRESH_PID if beside else server.FIRST_PID)
        if not fresh:
            self.server.warm = {}

    def command(self, *words: Any) -> None:
        """Give the server a command, and wait until it has carried it out.

        Raises `GateLost` if an actor's process ends before it has begun.
        """
        while self.server.waiting is None:
            self._next_event(PATIENCE)
        at, self.server.waiting = self.server.waiting, None
        self.replies.give(at, encode(words), self.server.memory)
        deadline = time.monotonic() + _BOOT_PATIENCE
        while self.server.waiting is None or self._new_actors.awaited:
            if self._next_event(1.0):
                continue
            if self._new_actors.lost() or time.monotonic() > deadline:
                raise GateLost("no verdict: an actor's process ended before it began")

    def settle(self) -> None:
        """Wait until no actor moves; raises `ActorHangs`."""
        population = self.population
        last = time.monotonic()
        while True:
            running = population.running()
            if not running and not population.expected:
                handled = self.interrupts.run_handlers(
                    population.actors, self._next_event, self.observations
                )
                if handled or self._move_woken():
                    continue
                return
            patience, most = unknown_waits.patience(running), longest(running, self._hangs)
            if self._next_event(_NEWBORN_PATIENCE if population.expected else patience):
                last = time.monotonic()
            elif time.monotonic() - last >= most and not self.server.terminal:
                raise ActorHangs(running[0] if running else population.expected[0])
            elif not population.expected and unknown_waits.enter(running, self.observations):
                continue
            elif all(map(self._new_actors.is_early, running)):
                self._new_actors.give_up_failed_forks()

    def await_unknown(self) -> bool:
        """Nobody else may go on: wait until a call returns of which nothing is known; did one?"""
        waiting = [one for one in self.population.actors if one.waits_in and not one.ended]
        deadline = time.monotonic() + unknown_waits.longest(waiting)
        while waiting and time.monotonic() < deadline:
            if self._next_event(0.005) or unknown_waits.woken(waiting):
                self.settle()
                return True
        return False

    def _move_woken(self) -> bool:
        """Nobody moves: let the first go on whose call of which nothing is known has returned."""
        actor = unknown_waits.woken(self.population.actors, self._woken)
        if actor is None:
            return False
        unknown_waits.leave(actor, self.population.turn)
        if actor in self._woken:
            self._come(actor, self._woken.pop(actor))
        return True

    def release(self, actor: Actor) -> Gate:
        """Take an actor's gate away: it is about to move."""
        gate = actor.gate
        assert gate is not None
        actor.gate = None
        actor.running = not actor.ended
        unknown_waits.called(actor, gate)
        if actor.process.channels.in_use:
            actor.process.look_at_channels()
        return gate

    def thread_gone(self, actor: Actor) -> None:
        """Wait until a thread that exits is gone, and with the last one its process."""
        process = actor.process
        actor.running = False
        while process.alive and procfs.thread_lives(process.pid, actor.thread):
            self._next_event(0.0002)
        self.population.gone(actor)
        if all(one.ended for one in process.actors):
            self.await_deaths([process])

    def stack_of(self, actor: Actor) -> tuple[Frame, ...]:
        """The Python stack of an actor, innermost first; empty between a vfork and its exec, when
        the handler that writes it is not there.  A timer of its own may end an actor meanwhile: it
        keeps its gate, and moves as one whose process ends at this moment."""
        if self.population.holds_up_its_parent(actor.process):
            return ()
        gate = actor.gate
        stack = stacks.take(
            actor, self.server.listener, self.server.stacks, self._readable, self._arrive
        )
        actor.gate = actor.gate or gate
        return stack

    def kill(self, process: Process) -> None:
        """SIGKILL one process, and wait until it is dead."""
        kill(process.pidfd)
        while process.alive:
            self._next_event(PATIENCE)

    def await_deaths(self, victims: Iterable[Process]) -> None:
        """Wait until those are dead whom a signal ends."""
        for process in victims:
            while process.alive and self._next_event(PATIENCE):
                pass

    def reap(self) -> None:
        """Let the server reap the dead for whom nobody in the program can wait."""
        if self.population.has_orphaned_dead():
            self.command("reap")

    def kill_all(self, but: set[Process]) -> None:
        """SIGKILL the processes that are left, wait until they are dead, and let the server reap
        them."""
        doomed = [process for process in self.population.living() if process not in but]
        for process in doomed:
            kill(process.pidfd)
        while any(process.alive for process in doomed):
            if not self._next_event(PATIENCE):
                break
        if any(not process.alive for process in self.population.processes()):
            self.command("reap")

    def keep(self, reusable: list[Actor]) -> None:
        """Leave these actors' processes where they stand, for the next execution."""
        for actor in reusable:
            self.server.warm[actor.name] = warm.kept(actor, self.server.pid)
        self.release_all()

    def release_all(self) -> None:
        """Close what is open here of processes and gates; for the end of an execution."""
        for actor in self.population.actors:
            if actor.gate is not None:
                actor.gate.close()
        for process in self.population.processes():
            process.close()
        self._new_actors.close()

    def _readable(self, seconds: float) -> bool:
        """Does a notification come within so many seconds?  If no process is left that could send
        one, the listener says so for ever."""
        found = False
        for descriptor, event in self._poll.poll(seconds * 1000):
            if descriptor != self.server.listener.descriptor:
                self._dead(descriptor)
            elif event & select.POLLIN:
                found = True
            else:
                raise GateLost(self.server.lost(1.0) or "no verdict: no process is left")
        return found

    def _next_event(self, seconds: float) -> bool:
        """Deal with what comes next; False if nothing came.  Raises `OutOfTime`."""
        if time.monotonic() > self.server.until:
            raise OutOfTime(self.population.turn + 1)
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
        if at.thread == self.server.pid:
            self._serve(at)
            return
        actor = self.population.at(at.thread) or self._new_actors.actor_of_new_thread(at)
        if actor is None:
            return
        if actor in self.population.expected:
            self._new_actors.wait_for_child(actor, at)
            return
        self._come(actor, at)

    def _come(self, actor: Actor, at: Notification) -> None:
        """An actor stands before a call: let it through, or let it stand."""
        self.population.follow_exec(actor.process)
        if at.number == PRIMITIVE_NUMBER and at.arguments[0] == primitive.FETCH:
            if not self.replies.fetch(at, actor.process.memory):
                self.observations.attempts.append(requests.made_by_hand(actor))
            return
        if actor.waits_in:
            self._woken[actor] = at
            return
        if actor.gate is not None:  # a signal interrupted the call; its handler comes first
            actor.gate.close()
            actor.gate = None
        actor.gate = classify.gate_for(actor, at, self.server, self.observations)
        actor.running = actor.gate is None

    def _serve(self, at: Notification) -> None:
        """The server is let through everywhere, but stands when it asks for a command."""
        if at.number == PRIMITIVE_NUMBER:
            self.server.waiting = at
        else:
            self.server.listener.proceed(at.id)

    def _dead(self, descriptor: int) -> None:
        if descriptor == self.server.pidfd:
            raise GateLost(self.server.lost(1.0))
        with contextlib.suppress(KeyError):
            self._poll.unregister(descriptor)
        for process in self.population.processes():
            if process.pidfd == descriptor:
                self.population.dead(process)
                parent = process.parent
                if parent is not None and procfs.handles_signal(parent.pid, signal.SIGCHLD):
                    self.interrupts.note([parent])
