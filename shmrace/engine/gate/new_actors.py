"""Threads seen for the first time: actors that the fork server brings, and what these start.

A child of the server is let through everywhere until it says which actor it is.  Any other thread
that is seen for the first time was started by an actor that is known.  If a parent comes to its
next gate before its child was seen, its call is judged once the child is there, since it may ask
about the child.
"""

import select
from collections.abc import Callable

from shmrace.engine.gate import classify, randomness, requests
from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.observations import Observations
from shmrace.engine.state.population import Population
from shmrace.engine.state.process import Process
from shmrace.linux import procfs
from shmrace.linux.listener import Notification
from shmrace.linux.memory import Memory
from shmrace.linux.syscalls import PRIMITIVE_NUMBER
from shmrace.model.assumptions import Assumption


class NewActors:
    """`come` deals with a known actor that stands before a call."""

    def __init__(
        self, server: ForkServer, population: Population, observations: Observations,
        poll: select.poll, come: Callable[[Actor, Notification], None],
    ) -> None:  # fmt: skip
        self.awaited = 0  # actors that the server has yet to bring
        self._server = server
        self._population = population
        self._observations = observations
        self._poll = poll
        self._come = come
        self._early: dict[Actor, Notification] = {}  # came before their child was seen
        self._starting_up: dict[int, Memory] = {}

    def lost(self) -> bool:
        """Has a process ended before it said who it is?"""
        if any(not procfs.thread_lives(pid, pid) for pid in self._starting_up):
            return True
        if self._server.waiting is None:
            return False
        kept = {one.who.process for one in self._server.warm.values()}
        born = [
            pid
            for pid in procfs.children(self._server.pid, self._server.pid)
            if pid not in kept and self._population.process(pid) is None
        ]  # all have been forked, and some may not have been seen yet
        return bool(born) and sum(procfs.thread_lives(pid, pid) for pid in born) < self.awaited

    def close(self) -> None:
        for memory in self._starting_up.values():
            memory.close()

    def wait_for_child(self, parent: Actor, at: Notification) -> None:
        """A parent came before the child that it has forked."""
        self._early[parent] = at

    def is_early(self, actor: Actor) -> bool:
        return actor in self._early

    def give_up_failed_forks(self) -> None:
        """Judge the calls of parents whose fork has failed: no child will come."""
        for parent in list(self._population.expected):
            if not self._population.has_newborn(parent):
                self._population.expected.remove(parent)
                self._child_is_there(parent)

    def actor_of_new_thread(self, at: Notification) -> Actor | None:
        """An actor for a thread seen for the first time; None while it is not one yet."""
        try:
            who = procfs.identity(at.thread)
        except OSError:
            return None
        population = self._population
        process = population.process(who.process)
        if process is None and who.parent == self._server.pid and self.awaited:
            self._start_up(at, who)
            return None
        if process is not None:
            parent = population.parent_of(process)
        else:
            forked_by = population.process(who.parent)
            if forked_by is None:
                self._observations.ungated.append("a process of unknown descent")
            process = self._adopt(who, forked_by)
            parent = population.parent_of(forked_by)
            if parent is not None and not parent.running and parent.gate is None:
                population.suspend(parent, process)
        if at.number != classify.BIRTH_NUMBER and not population.holds_up_its_parent(process):
            self._observations.assumed.add(
                Assumption.FORK
            )  # it ran before its birth could be held up
        actor = population.born(at.thread, process, parent, who.inner)
        if parent is not None:
            self._child_is_there(parent)
        return actor

    def _child_is_there(self, parent: Actor) -> None:
        """Judge the call to which a parent came before its child did."""
        at = self._early.pop(parent, None)
        if at is not None and not parent.ended:
            self._come(parent, at)

    def _start_up(self, at: Notification, who: procfs.Identity) -> None:
        memory = self._starting_up.get(at.thread)
        if memory is None:
            memory = self._starting_up[at.thread] = Memory(who.process)
        if at.number != PRIMITIVE_NUMBER:
            randomness.let_start_up(at, memory, self._server.listener, who.inner)
            return
        memory.close()
        del self._starting_up[at.thread]
        self.enter_part(at, who)
        self.awaited -= 1

    def enter_part(self, at: Notification, who: procfs.Identity) -> Actor:
        """A process stands where it says which actor it is."""
        process = self._adopt(who, None)
        process.dumps_stacks = True
        kind, request = requests.read(at, process.memory)
        (name,) = request
        place = [part.name for part in self._server.parts].index(name)
        actor = Actor(name, at.thread, process, (place,))
        actor.part = True
        actor.gate = classify.primitive_gate(at, kind, request)
        self._population.enter(actor)
        return actor

    def _adopt(self, who: procfs.Identity, parent: Process | None) -> Process:
        process = self._population.adopt(who, parent)
        self._poll.register(process.pidfd, select.POLLIN)
        return process
