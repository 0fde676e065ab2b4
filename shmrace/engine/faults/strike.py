"""Faults that strike: deaths, signals, failing calls, an outsider's unlinks.

What strikes an actor at its gate is a step of its own; a call that fails is its actor's step with
another outcome.  A signal interrupts the call at the gate, as any signal does: the actor comes to a
gate again once its handler has run, or dies.
"""

import contextlib
import os
import signal
from dataclasses import replace
from functools import partial

from shmrace.engine.faults.rules import OUTSIDER
from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.protocol import EXIT_SIGNAL
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.observations import Observations
from shmrace.engine.steps import locking
from shmrace.engine.steps.outcomes import Before
from shmrace.engine.steps.perform import Performer
from shmrace.engine.waits.primitives import Messages
from shmrace.linux.calls.line import Shape
from shmrace.linux.process import signal_thread
from shmrace.model.effect import Effect
from shmrace.model.faults import FaultKind
from shmrace.model.footprints import accesses_of
from shmrace.model.ledger import Ledger
from shmrace.model.objects import CHANNELS, FAULTS, Access, Mode, life_of
from shmrace.model.operations import Operation, Outcome, SegmentKind
from shmrace.model.schedule import Choice
from shmrace.model.stack import Frame
from shmrace.model.trace import Step

_SIGNAL = Shape("fault", "signal")
_SIGNALS = {"term": int(signal.SIGTERM), "exit": int(EXIT_SIGNAL)}


class FaultInjector:
    """Lets faults strike in one execution."""

    def __init__(
        self, loop: EventLoop, performer: Performer, messages: Messages,
        observations: Observations, ledger: Ledger,
    ) -> None:  # fmt: skip
        self._loop = loop
        self._performer = performer
        self._messages = messages
        self._observations = observations
        self._ledger = ledger

    def strike(
        self, victim: Actor | None, choice: Choice, turn: int, stack: tuple[Frame, ...]
    ) -> None:
        """Let it strike; `victim` is None where an outsider acts.  Raises `ActorHangs`."""
        if victim is None:
            self._unlink(choice)
        elif choice.fault == FaultKind.KILL:
            self._kill(victim, turn, stack)
        elif choice.fault in _SIGNALS:
            self._interrupt(victim, choice.fault, turn, stack)
        else:
            victim.struck = choice.fault
            self._performer.perform(victim, turn, stack=stack, fault=choice.fault)

    def _kill(self, actor: Actor, turn: int, stack: tuple[Frame, ...]) -> None:
        """SIGKILL the actor's process where it stands."""
        operation = actor.gate.operation if actor.gate else ""
        index = self._performer.begin_step(actor, turn)
        for one in actor.process.actors:
            if one.gate is not None:
                self._messages.withdraw(one, one.gate)
            one.killed = True
            if one is not actor:
                one.last = replace(one.last, index=index, turn=turn, before=one.last.turn)
        if actor.process.has_relatives:
            locking.look_at_all(actor)
        self._loop.kill(actor.process)
        self._loop.settle()
        self._loop.reap()
        said = _death(actor, index, Operation.KILL, operation, stack)
        ended = self._performer.lives.ended(actor.process) | self._loses(actor)
        self._performer.record(replace(said, accesses=said.accesses | ended), actor)

    def _interrupt(self, actor: Actor, fault: str, turn: int, stack: tuple[Frame, ...]) -> None:
        """Send the actor a signal where it stands: its handler runs, or it dies."""
        assert actor.gate is not None
        self._messages.withdraw(actor, actor.gate)
        index = self._performer.begin_step(actor, turn)
        gate = self._loop.release(actor)
        gate.close()
        actor.struck = fault
        signal_thread(actor.process.pid, actor.thread, _SIGNALS[fault])
        self._loop.settle()
        self._loop.reap()
        actor.killed = not actor.process.alive
        said = _death(actor, index, fault, gate.operation, stack)
        if actor.killed:
            said = replace(said, accesses=said.accesses | self._loses(actor))
        interrupted = Gate(gate.notification, "", _SIGNAL, fault, refused=fault)
        self._performer.finish_step(actor, interrupted, Before((), None), said)

    def _loses(self, actor: Actor) -> frozenset[Access]:
        """What others notice of a process' death besides the death itself: its channels close, its
        locks are given back."""
        process = actor.process
        lost: set[Access] = set()
        if process.channels.in_use or process.channels.shares_file:
            lost.add((CHANNELS, Mode.WRITE))
        given_back = Effect(
            Operation.KILL, unlocked=tuple(sorted(process.locks.take_changed())),
            looked=locking.looked_at(process),
        )  # fmt: skip
        key = partial(process.locks.key, self._ledger)
        return frozenset(lost) | accesses_of(given_back, self._ledger.keys, key)

    def _unlink(self, choice: Choice) -> None:
        """Unlink the names of one segment, or all, as an administrator might."""
        shm = self._loop.server.shm
        for name, segment in self._ledger.linked():
            if choice.fault == FaultKind.UNLINK and segment.subject != choice.actor:
                continue
            with contextlib.suppress(OSError):
                remove = os.rmdir if segment.kind is SegmentKind.DIRECTORY else os.unlink
                remove(name, dir_fd=shm.directory)
            index = len(self._observations.steps)
            effect = Effect(Operation.UNLINK, names=(name,), inode=segment.inode)
            accesses = accesses_of(effect, self._ledger.keys, self._ledger.key)
            self._ledger.record(index, OUTSIDER, effect)
            self._performer.record(
                Step(
                    index, OUTSIDER, Operation.UNLINK, name=segment.label, segment=segment.label,
                    subject=segment.subject, accesses=accesses | {(FAULTS, Mode.WRITE)},
                )
            )  # fmt: skip
        shm.witness.events()


def _death(
    actor: Actor, index: int, fault: str, before: str, stack: tuple[Frame, ...]
) -> Step:  # fmt: skip
    """The step of a deadly fault.  Whoever dies where it stands has not arrived there."""
    accesses = {(life_of(actor.process.name), Mode.WRITE), (FAULTS, Mode.WRITE)}
    return Step(
        index, actor.name, fault, Outcome.KILLED if actor.killed else Outcome.STRUCK,
        detail=f"before {before}", before=before, stack=stack,
        accesses=frozenset(accesses),
    )  # fmt: skip
