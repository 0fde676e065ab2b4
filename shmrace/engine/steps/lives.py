"""Who lives: what a step tells about it, and what it changes.

An end writes the life of its actor; an actor that asks reads it.  A dead process whose parent is an
actor is still there until the parent waits for it, or ends; all others are reaped at once, since
nobody in the program could wait for them.  Source: wait(2), "zombies".
"""

import os
from collections.abc import Iterable

from shmrace.engine.gate import unknown_waits
from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.process import Process
from shmrace.linux import procfs
from shmrace.model.objects import PROCESSES, Access, Mode, life_of, moves_of, remains_of
from shmrace.model.operations import Operation


class Lives:
    """Those of one execution."""

    def __init__(self, loop: EventLoop) -> None:
        self._loop = loop
        self._population = loop.population

    def accesses(self, actor: Actor, gate: Gate) -> set[Access]:
        """What a step that is over has asked about, and whose end it was."""
        found = self.ended(actor.process)
        if gate.question is not None:
            found |= self._asked(gate)
        if gate.operation in (Operation.FORK, Operation.THREAD):
            found.add((PROCESSES, Mode.UPDATE))
        if gate.operation == Operation.EXIT and gate.primitive:  # the process is kept
            found |= {(life_of(actor.name), Mode.WRITE), (PROCESSES, Mode.UPDATE)}
        return found

    def ended(self, by: Process) -> set[Access]:
        """Who has died, and who was reaped, since this was asked last; `by` has moved."""
        found: set[Access] = set()
        for actor in self._population.take_gone():
            found |= {(life_of(actor.name), Mode.WRITE), (PROCESSES, Mode.UPDATE)}
            parent = actor.process.parent
            if parent is not None and actor is actor.process.actors[0]:
                found.add((life_of(parent.name), Mode.READ))  # does it leave remains?
            if actor.process is not by:  # its next steps do not happen any more
                found.add((moves_of(actor.name), Mode.READ))
        for process in self._population.take_reaped():
            found |= {(remains_of(process.name), Mode.WRITE), (PROCESSES, Mode.UPDATE)}
        return found

    def subject(self, gate: Gate) -> str:
        """Whom the gate asks about, if it is one alone."""
        asked = self._actors(gate)
        return asked[0].name if len(asked) == 1 else ""

    def described(self, gate: Gate) -> str:
        """The same for reports."""
        if gate.question is None or gate.detail:
            return gate.detail
        names = [one.name for one in self._actors(gate)]
        numbers = [f"process {one}" for one in gate.question.numbers]
        return ", ".join(names or numbers) or "all processes"

    def answer(self, gate: Gate) -> str:
        """The errno with which the question is going to be answered; empty if it finds somebody."""
        question = gate.question
        if question is None or question.everybody or gate.operation != Operation.IS_ALIVE:
            return ""
        if gate.shape.family == "wait":
            return ""
        there = any(
            not one.process.reaped and (one is one.process.actors[0] or not one.ended)
            for one in self._actors(gate)
        )
        return "" if there else question.missing

    def enabled_by(self, gate: Gate) -> tuple[int, ...]:
        """The turns of the death that a wait was for.  If there are several dead, each of them
        would have been enough."""
        if gate.operation != Operation.WAIT:
            return ()
        dead = [one for one in self._actors(gate) if one.ended]
        return dead[0].last_turns() if len(dead) == 1 else ()

    def victims(self, actor: Actor, gate: Gate) -> list[Process]:
        """The processes that the signal at this gate is going to end."""
        if gate.operation != Operation.SIGNAL:
            return []
        return [
            one
            for one in self.targets(actor, gate)
            if one.alive and one is not actor.process and procfs.dies_of(one.pid, gate.signal)
            if not any(unknown_waits.takes_signal(each, gate.signal) for each in one.actors)
        ]

    def targets(self, actor: Actor, gate: Gate) -> Iterable[Process]:
        """The processes to which the signal at this gate goes."""
        question = gate.question
        assert question is not None
        if not question.everybody:
            return {one.process: None for one in self._actors(gate)}
        number = gate.notification.arguments[0] & 0xFFFFFFFF
        living = self._population.living()
        if number == 0xFFFFFFFF:
            return living
        group = procfs.group(actor.process.pid)
        if number:
            inner = (1 << 32) - number
            leader = next((one for one in living if one.inner == inner), None)
            group = procfs.group(leader.pid) if leader is not None else -1
        return [one for one in living if procfs.group(one.pid) == group]

    def _asked(self, gate: Gate) -> set[Access]:
        question = gate.question
        assert question is not None
        asked = self._actors(gate)
        found: set[Access] = set()
        for actor in asked:
            found.add((life_of(actor.name), Mode.READ))
            found.add((remains_of(actor.process.name), Mode.READ))
            if question.closely:
                found |= {(moves_of(one.name), Mode.READ) for one in actor.process.actors}
        if question.everybody or len(asked) < len(question.numbers):
            found.add((PROCESSES, Mode.READ))  # there may be one with this number later
        return found

    def _actors(self, gate: Gate) -> list[Actor]:
        question = gate.question
        if question is None:
            return []
        if question.everybody:
            return [one for one in self._population.actors if one is one.process.actors[0]]
        found = [one for one in self._population.actors if one.inner in question.numbers]
        if question.pidfds:
            found += [
                process.actors[0]
                for process in self._population.processes()
                if process.actors and os.fstat(process.pidfd).st_ino in question.pidfds
            ]
        return found
