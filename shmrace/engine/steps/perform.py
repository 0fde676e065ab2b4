"""Letting one operation through: a step.

Look before, answer the notification, wait until no actor moves, measure.  The kernel runs the call
itself, except for sleeps, which return at once, waits whose time is over, and primitives, which are
the harness' own.
"""

import errno
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from shmrace.engine.gate import classify, errnos
from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.gate.patience import ActorHangs
from shmrace.engine.protocol import Primitive, encode
from shmrace.engine.state.actor import Actor, LastStep, Retries, gate_of
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.observations import Observations, RealEnds
from shmrace.engine.state.process import Process
from shmrace.engine.steps import locking, outcomes, prevented, rounds
from shmrace.engine.steps.enabled import Enabled
from shmrace.engine.steps.measure import Measurer
from shmrace.engine.steps.spawn import spawned
from shmrace.engine.waits import calls, channels
from shmrace.engine.waits.primitives import Answer, Messages
from shmrace.model.assumptions import Assumption
from shmrace.model.objects import FAULTS, Access, Mode, course_of, life_of
from shmrace.model.operations import INJECTED, SLEEPING, Operation, Outcome
from shmrace.model.record import Ending
from shmrace.model.stack import Frame
from shmrace.model.trace import Step

_ASKS = (Operation.IS_ALIVE, Operation.HAS_ENDED)


class Performer:
    """Performs operations and records their steps."""

    def __init__(
        self, loop: EventLoop, measurer: Measurer, observations: Observations, messages: Messages,
        enabled: Enabled, impatient: Collection[str] = (),
    ) -> None:  # fmt: skip
        self._loop = loop
        self.lives = measurer.lives
        self._measurer = measurer
        self._observations = observations
        self._messages = messages
        self._enabled = enabled
        self._impatient = impatient
        self._listener = loop.server.listener
        self._clock = loop.server.clock
        self._root = loop.server.shm.root

    def perform(
        self, actor: Actor, turn: int, automatic: bool = False, stack: tuple[Frame, ...] = (),
        fault: str = "",
    ) -> Step:  # fmt: skip
        """Let the operation at the actor's gate through; raises `ActorHangs`.

        `fault` is an errno with which it fails instead, or "raise" where a primitive shall raise.
        """
        last = not automatic and self._enabled.polls_in_vain(actor) and self._enabled.all_poll()
        index = self.begin_step(actor, turn)
        if not fault and locking.give_up_first(actor, gate_of(actor)):
            return self._give_up(actor, gate_of(actor), index, stack)
        gate = self._loop.release(actor)
        classify.judge_again(actor, gate, self._loop.server, self._observations)
        actor.last.used_channel = gate.channel and not gate.waited
        if not automatic:
            actor.process.is_busy = False
        if gate.operation not in SLEEPING:
            actor.fruitless_looks = 0
        if (
            gate.operation == Operation.EXIT
            and gate.call != "exit"
            and actor.process.channels.in_use
        ):
            channels.close_all(actor.process, self._loop.server.inherited_channels)
        was = outcomes.before(actor, gate)
        self._measurer.look_before(actor)
        victims = self.lives.victims(actor, gate)
        doomed = prevented.about_to(actor, gate, victims, self._loop.population, self._enabled)
        signalled = tuple(self.lives.targets(actor, gate)) if gate.signal else ()
        for process in signalled:
            process.signalled_by.setdefault(gate.signal, actor.name)
        answer = Answer(b"", "")
        behind = self._behind_all_others(actor, gate) if last else ()
        if automatic:
            self._clock.catch_up(actor.process, [turn])
        self._clock.show(actor.process)
        if fault and gate.shape.family != "primitive":
            gate.refused = fault
            answer = _struck(actor, b"", fault, INJECTED)
            self._listener.refuse(gate.notification.id, errnos.number(fault))
        elif gate.shape.family == "primitive":
            if fault:
                answer = _struck(actor, encode("struck", gate.detail), Outcome.RAISED, gate.detail)
            else:
                answer = self._primitive(actor, gate, turn, index)
            self._clock.catch_up(actor.process, (*answer.after, *answer.told_by))
            self._clock.show(actor.process)
            self._loop.replies.give(gate.notification, answer.reply, actor.process.memory)
        else:
            if gate.channel and (gate.waited or gate.decided):
                channels.use(actor, gate, calls.state(actor, gate))
            was = replace(was, locking=locking.enter(actor, gate))
            answer = Answer(
                b"", self.lives.answer(gate), self.lives.described(gate),
                self.lives.enabled_by(gate),
                subject=self.lives.subject(gate) if gate.operation in _ASKS else "",
            )  # fmt: skip
            if gate.shape.family == "name":
                self._loop.server.shm.announced(outcomes.missing(gate, was, self._root))
            self._let_through(actor, gate, last)
        hanging: ActorHangs | None = None
        try:
            if gate.call == "exit":
                self._loop.thread_gone(actor)
            for process in victims:
                self._withdraw(process)
            self._loop.await_deaths(victims)
            if gate.signal:
                self._loop.interrupts.note(signalled)
            self._loop.settle()
            self._loop.reap()
        except ActorHangs as error:
            hanging = error
        said = Step(
            index, actor.name, gate.operation, answer.outcome, detail=answer.detail or gate.detail,
            accesses=answer.accesses, after=tuple(sorted({*answer.after, *behind})),
            told_by=answer.told_by,
            automatic=automatic, stack=stack, subject=answer.subject, injected=bool(gate.refused),
        )  # fmt: skip
        self._observations.prevented += prevented.by_their_ends(doomed)
        step = self.finish_step(actor, gate, was, said)
        gate.close()
        if hanging is not None:
            raise hanging
        return step

    def time_out(self, actor: Actor, turn: int) -> Step:
        """End a wait as the kernel does when its time is over."""
        index = self.begin_step(actor, turn)
        gate = self._loop.release(actor)
        was = outcomes.before(actor, gate)
        self._clock.show(actor.process)
        if gate.shape.kind == "futex":
            self._listener.refuse(gate.notification.id, errno.ETIMEDOUT)
        else:
            calls.forget_events(actor, gate)
            self._listener.answer(gate.notification.id, 0)
        self._loop.settle()
        self._loop.reap()
        said = Step(
            index, actor.name, Operation.WAIT, Outcome.TIMEOUT, detail=gate.detail, automatic=True
        )
        actor.retries = actor.retries.once_more()
        return self.finish_step(actor, gate, was, said)

    def _give_up(self, actor: Actor, gate: Gate, index: int, stack: tuple[Frame, ...]) -> Step:
        """A lock that is converted is given up first: its actor stands where it stood."""
        was = outcomes.before(actor, gate)
        alone, came_out = locking.give_up(actor, gate)
        was = replace(was, locking=came_out)
        said = Step(index, actor.name, Operation.UNLOCK, detail="to convert it", stack=stack)
        return self.finish_step(actor, alone, was, said)

    def begin_step(self, actor: Actor, turn: int) -> int:
        """The index of the step that an actor makes now."""
        index = -1 if self._loop.server.setting_up else len(self._observations.steps)
        operation = actor.gate.operation if actor.gate is not None else ""
        actor.last = LastStep(
            index, turn, before=actor.last.turn, operation=operation,
            retried=operation in SLEEPING, used_channel=actor.last.used_channel,
        )  # fmt: skip
        return index

    def finish_step(self, actor: Actor, gate: Gate, was: outcomes.Before, said: Step) -> Step:
        """Measure a step that is over, and enter it."""
        has_read_a_clock = self._clock.note(actor.process, actor.last.turn)
        step = self.record(self._measurer.step(actor, gate, was, said), actor)
        rounds.note(step, actor)
        if has_read_a_clock and actor.process.clock.has_passed and not self._loop.server.setting_up:
            self._observations.assumed.add(
                Assumption.TIMEOUTS
            )  # shmrace decided how much time passed
        if step.operation in SLEEPING:
            actor.retries = Retries(actor.retries.count)
        elif self._measurer.is_in_vain(step):
            if actor.retries.known(step.signature):  # it tries again without a sleep
                actor.last.retried, actor.last.repeats = True, step.signature
                actor.retries = actor.retries.once_more()
            else:
                looks = (*actor.retries.in_vain, (step.signature, gate.asks))
                actor.retries = replace(actor.retries, in_vain=looks)
        return step

    def record(self, step: Step, actor: Actor | None = None) -> Step:
        """Enter a step into the trace."""
        if not self._loop.server.setting_up:
            self._observations.steps.append(step)
        rounds.enter(step, actor, self._loop.population.actors, self._impatient)
        return step

    def _behind_all_others(self, actor: Actor, gate: Gate) -> tuple[int, ...]:
        """Everybody polls, and this actor's sleep is over first: all clocks move to that moment.
        The turns because of which it goes on: all others have done all they could.  It needs none
        if it counts its rounds, for it might have gone on earlier."""
        if gate.deadline is not None:
            self._clock.pass_until(gate.deadline, self._loop.population.living())
        if actor.name in self._impatient:
            return ()
        others = self._loop.population.actors
        turns = {one.last.turn for one in others if one.process is not actor.process}
        return tuple(turns - {-1})

    def _let_through(self, actor: Actor, gate: Gate, last: bool) -> None:
        at = gate.notification
        if gate.operation in SLEEPING:
            actor.retries = actor.retries.once_more()
            if not last:
                self._clock.sleep(actor, gate)
            self._clock.show(actor.process)
        if gate.shape.family == "sleep":
            self._listener.answer(at.id, 0)
            return
        if gate.shape.family == "fork":
            self._loop.population.expect_newborn(actor, classify.suspends(gate))
        elif gate.shape.family == "exec":
            self._loop.population.expect_exec(actor.process)
            actor.started = True  # what the new program does first is no birth
        self._listener.proceed(at.id)

    def _primitive(self, actor: Actor, gate: Gate, turn: int, index: int) -> Answer:
        if gate.primitive == Primitive.END:
            actor.outcome = _ending(index, *gate.request)
            raised = actor.outcome.raised
            actor.raised_in = turn if raised else -1
            return Answer(encode(None), "raised" if raised else "ok", actor.outcome.error)
        if gate.primitive == Primitive.EXIT:
            actor.ended = True  # its process stays, to be the actor again
            if actor.process.is_outlived():
                self._observations.real_ends = RealEnds.OUTLIVED
            elif actor.process.locks.holds(actor.process.pid):
                self._observations.real_ends = RealEnds.HOLDS_A_LOCK
            return Answer(encode(None))
        if gate.primitive == Primitive.RANK and self._loop.server.setting_up:
            self._observations.told_apart_in_setup = True
        if gate.primitive == Primitive.SPAWN:
            return spawned(self._loop.population, actor, *gate.request)
        if gate.primitive == Primitive.KILL:
            return self._kill_child(*gate.request)
        return self._messages.perform(actor, gate, turn)

    def _withdraw(self, process: Process) -> None:
        """The process dies where it stands: its actors have not arrived there."""
        for one in process.actors:
            if one.gate is not None:
                self._messages.withdraw(one, one.gate)

    def _kill_child(self, name: str) -> Answer:
        victim = self._loop.population.find(name)
        accesses: frozenset[Access] = frozenset({(life_of(name), Mode.WRITE)})
        if victim is not None and victim.spawned and not victim.ended:
            victim.killed = True
            self._withdraw(victim.process)
            self._loop.kill(victim.process)
        return Answer(encode("ok", None), detail=name, accesses=accesses)


def _struck(actor: Actor, reply: bytes, outcome: str, detail: str) -> Answer:
    """What a fault does that makes an operation fail: nothing but this happens in its step."""
    accesses = frozenset({(course_of(actor.name), Mode.WRITE), (FAULTS, Mode.WRITE)})
    return Answer(reply, outcome, detail, accesses=accesses)


def _ending(step: int, status: str, said: dict[str, Any]) -> Ending:
    if status == "returned":
        return Ending(
            False, step, value=said["pickled"], plain=said["plain"],
            about=(said["type"], said["text"]), unpicklable=said["unpicklable"],
        )  # fmt: skip
    frames = tuple(Frame(*frame) for frame in said["frames"])
    return Ending(True, step, **{**said, "frames": frames})
