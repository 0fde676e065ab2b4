"""Letting one operation through: the step, its outcome, and what it touched.

Each `perform` is one step: look before, answer the notification, wait until nobody moves, look
after, enter the ledger.  The kernel runs the call itself, except for sleeps, which return at once,
waits whose time is over, and primitives, which are the harness' own.
"""

import errno
import os
from dataclasses import replace
from typing import Any

from shmrace.dependence import Access, Accesses, Mode, accesses_of, life
from shmrace.engine import approach, outcomes, waits
from shmrace.engine.actor import Actor, Gate, Process, Recorded
from shmrace.engine.arrivals import Arrivals, Hanging
from shmrace.engine.contents import Contents
from shmrace.engine.faults import BUDGET
from shmrace.engine.messages import Messages
from shmrace.engine.protocol import Primitive, encode
from shmrace.engine.witness import unexplained
from shmrace.ledger import Ledger, Segment
from shmrace.linux import procfs
from shmrace.linux.decode import O_TMPFILE
from shmrace.operations import Effect, Inode
from shmrace.record import Ending
from shmrace.stack import Frame
from shmrace.trace import Step


class Performing:
    """Performs operations and records their steps."""

    def __init__(
        self, arrivals: Arrivals, ledger: Ledger, recorded: Recorded, messages: Messages,
        limited_space: bool, deaths_possible: bool,
    ) -> None:  # fmt: skip
        self._arrivals = arrivals
        self._server = arrivals.server
        self._ledger = ledger
        self._recorded = recorded
        self._messages = messages
        self._limited_space = limited_space
        self._deaths_possible = deaths_possible
        self._contents = Contents(self._server.shm)
        found = os.fstat(self._server.shm)
        self._root: Inode = (found.st_dev, found.st_ino)
        self._nameless: list[tuple[Actor, int]] = []
        self.setting_up = True

    def perform(
        self, actor: Actor, turn: int, automatic: bool = False, stack: tuple[Frame, ...] = ()
    ) -> Step:
        """Let the operation at the actor's gate through; raises `Hanging`."""
        index = -1 if self.setting_up else len(self._recorded.steps)
        gate = self._arrivals.release(actor)
        actor.used_channel = gate.channel
        actor.last_step, actor.last_turn = index, turn
        if gate.operation not in ("sleep", "yield", "poll"):
            actor.sleeps = actor.fruitless = 0
        after: tuple[int, ...] = ()
        accesses: Accesses = frozenset()
        outcome = detail = ""
        was = outcomes.before(actor, gate)
        hanging: Hanging | None = None
        if gate.shape.family == "primitive":
            outcome, detail, after, accesses = self._primitive(actor, gate, turn, index)
        else:
            self._let_through(actor, gate)
        try:
            if gate.call == "exit":
                self._arrivals.thread_gone(actor)
            self._arrivals.settle()
        except Hanging as error:
            hanging = error
        effect = self._effect(actor, gate, was, index)
        segment = self._ledger.record(index, actor.name, effect)
        step = self._step(
            index, actor, gate, effect, segment, outcome or effect.error or "ok",
            detail or effect.detail, accesses, after, automatic, stack,
        )  # fmt: skip
        if not self.setting_up:
            self._recorded.steps.append(step)
        gate.close()
        if hanging is not None:
            raise hanging
        return step

    def kill(self, actor: Actor, turn: int, stack: tuple[Frame, ...] = ()) -> Step:
        """SIGKILL the actor's process where it stands: a step of its own."""
        index = len(self._recorded.steps)
        for one in actor.process.actors:
            one.killed = True
            one.last_step, one.last_turn = index, turn
        operation = actor.gate.operation if actor.gate else ""
        self._arrivals.kill(actor.process)
        self._arrivals.settle()
        step = Step(
            index, actor.name, "kill", "killed", detail=f"before {operation}",
            accesses=frozenset({(life(actor.process.name), Mode.WRITE), (BUDGET, Mode.WRITE)}),
            stack=stack,
        )  # fmt: skip
        self._recorded.steps.append(step)
        return step

    def time_out(self, actor: Actor, turn: int) -> Step:
        """End a wait as the kernel does when its time is over."""
        gate = actor.gate
        assert gate is not None
        index = len(self._recorded.steps)
        self._arrivals.release(actor)
        actor.last_step, actor.last_turn = index, turn
        if gate.shape.kind == "futex":
            self._server.listener.refuse(gate.notification.id, errno.ETIMEDOUT)
        else:
            waits.forget_events(actor, gate)
            self._server.listener.answer(gate.notification.id, 0)
        self._arrivals.settle()
        effect = self._with_contents(actor, Effect("wait", detail=gate.detail))
        self._ledger.record(index, actor.name, effect)
        step = self._step(
            index, actor, gate, effect, None, "timeout", gate.detail, frozenset(), (), True, ()
        )
        self._recorded.steps.append(step)
        return step

    def _let_through(self, actor: Actor, gate: Gate) -> None:
        at = gate.notification
        listener = self._server.listener
        family = gate.shape.family
        if family == "sleep":
            actor.sleeps += 1
            listener.answer(at.id, 0)
            return
        if family == "fork":
            self._arrivals.expect_newborn(actor, approach.suspends(gate))
        elif family == "exec":
            self._arrivals.expect_exec(actor.process)
        elif gate.operation == "poll":
            actor.sleeps += 1
        listener.proceed(at.id)

    def _primitive(
        self, actor: Actor, gate: Gate, turn: int, index: int
    ) -> tuple[str, str, tuple[int, ...], Accesses]:
        at, pid = gate.notification, actor.process.pid
        if gate.primitive == Primitive.END:
            actor.outcome = _ending(index, *gate.request)
            self._arrivals.reply(at, encode(None), pid)
            raised = actor.outcome.raised
            return ("raised" if raised else "ok", actor.outcome.error, (), frozenset())
        if gate.primitive == Primitive.SPAWN:
            return self._spawn(actor, gate)
        if gate.primitive == Primitive.KILL:
            victim = self._arrivals.find(gate.request[0])
            if victim is not None and not victim.ended:
                victim.killed = True
                self._arrivals.kill(victim.process)
            self._arrivals.reply(at, encode("ok", None), pid)
            return "ok", gate.request[0], (), frozenset({(life(gate.request[0]), Mode.WRITE)})
        answer = self._messages.perform(actor, gate, turn)
        self._arrivals.reply(at, answer.reply, pid)
        return answer.outcome, answer.detail or gate.detail, answer.after, answer.accesses

    def _spawn(self, actor: Actor, gate: Gate) -> tuple[str, str, tuple[int, ...], Accesses]:
        role, wanted = gate.request
        name = wanted or role
        taken = self._arrivals.find(name) is not None
        if taken and wanted:
            reply = encode("refused", f"there is an actor called {name} already")
            self._arrivals.reply(gate.notification, reply, actor.process.pid)
            return "refused", name, (), frozenset()
        nth = 1
        while taken:
            name = f"{role}{nth}"
            nth += 1
            taken = self._arrivals.find(name) is not None
        actor.next_child = name
        self._arrivals.reply(gate.notification, encode("ok", name), actor.process.pid)
        return "ok", name, (), frozenset()

    def _effect(self, actor: Actor, gate: Gate, was: outcomes.Before, index: int) -> Effect:
        events = self._server.witness.events()
        if gate.flags & O_TMPFILE == O_TMPFILE:  # a nameless file is opened as "#inode"
            events = [event for event in events if not event.name.startswith("#")]
        if gate.shape.family == "memfd":
            effect = self._memfd(actor, index)
        else:
            effect = outcomes.effect(actor, gate, was, events, self._root)
        if effect.kind == "create" and effect.ok and effect.inode is None:
            self._nameless.append((actor, index))
        elif effect.inode is not None and gate.descriptor >= 0:
            self._adopt_nameless(actor, effect.inode)
        if effect.kind == "map" and effect.inode is not None:
            view = actor.process.view(effect.inode)
            view.mapped, view.place = True, None
        segment = self._ledger.segment(effect.inode)
        names = (*effect.names, *(segment.names if segment else ()))
        for text in unexplained(events, names):
            self._recorded.ungated.append(f"{text} while {actor.name} was at {gate.operation}")
        return self._with_contents(actor, effect)

    def _memfd(self, actor: Actor, index: int) -> Effect:
        known = {segment.inode for segment in self._ledger.segments}
        made = outcomes.new_memfd(actor.process, known)
        if made is None:
            return Effect("create", "failed", detail="memfd")
        descriptor, inode = made
        actor.process.view(inode).descriptors.add(descriptor)
        self._ledger.adopt(index, actor.name, inode, "memfd")
        return Effect("create", detail="memfd")

    def _adopt_nameless(self, actor: Actor, inode: Inode) -> None:
        """The first descriptor seen of an unknown inode belongs to the last nameless create."""
        if self._ledger.segment(inode) is not None:
            return
        for creator, index in reversed(self._nameless):
            if creator is actor:
                self._ledger.adopt(index, actor.name, inode, "nameless")
                self._nameless.remove((creator, index))
                return
        self._ledger.adopt(len(self._recorded.steps), actor.name, inode, "unknown")

    def _with_contents(self, actor: Actor, effect: Effect) -> Effect:
        process = actor.process
        held = tuple(process.views)
        written: tuple[Inode, ...] = ()
        if held:
            everybody = self._arrivals.all_processes()
            written = self._contents.changed(process, everybody, self._names_of)
            self._server.witness.events()  # reading by name shows up there
        return replace(
            effect,
            written=written,
            held=held,
            channel=actor.used_channel or self._lost_a_channel(process, effect),
            process=_memory(process),
        )

    def _names_of(self, inode: Inode) -> list[str]:
        return [name for name, segment in self._ledger.linked() if segment.inode == inode]

    def _lost_a_channel(self, process: Process, effect: Effect) -> bool:
        """Closing an end of a pipe is noticed by others, and no gate."""
        if not process.holds_channel:
            return False
        if effect.kind in ("exit", "fork", "exec") or not process.alive:
            return True
        return procfs.descriptor_count(process.pid) != process.descriptor_count

    def _step(
        self, index: int, actor: Actor, gate: Gate, effect: Effect, segment: Segment | None,
        outcome: str, detail: str, accesses: Accesses, after: tuple[int, ...], automatic: bool,
        stack: tuple[Frame, ...],
    ) -> Step:  # fmt: skip
        kind = effect.kind if gate.shape.family in ("name", "lock") else gate.operation
        touched = accesses | self._accesses(actor, gate, effect)
        name = effect.names[-1] if effect.names else None
        if segment is None and gate.shape.family == "memfd" and effect.ok:
            segment = self._ledger.segments[-1]
        return Step(
            index=index, actor=actor.name, operation=kind, outcome=outcome,
            name=self._ledger.label(name) if name is not None else None,
            segment=segment.label if segment is not None else None,
            subject=self._subject(name, segment), detail=_detail(detail, effect),
            accesses=touched, after=after, automatic=automatic, stack=stack,
        )  # fmt: skip

    def _subject(self, name: str | None, segment: Segment | None) -> str:
        if segment is not None:
            return segment.subject
        return self._ledger.keys(name)[-1] if name is not None else ""

    def _accesses(self, actor: Actor, gate: Gate, effect: Effect) -> set[Access]:
        found = set(accesses_of(effect, self._ledger.keys, self._ledger.key, self._limited_space))
        owner = actor.process.name
        if gate.operation == "exit" and not actor.process.alive:
            found.add((life(owner), Mode.WRITE))
        elif gate.operation == "alive?":
            for process in self._arrivals.all_processes():
                if gate.detail == f"process {process.inner}":
                    found.add((life(process.name), Mode.READ))
        elif self._deaths_possible:
            found.add((life(owner), Mode.READ))
        return found


def _ending(step: int, status: str, *rest: Any) -> Ending:
    if status == "returned":
        return Ending(False, step, value=rest[0], unpicklable=rest[1])
    said = dict(rest[0])
    frames = tuple(Frame(*frame) for frame in said.pop("frames"))
    return Ending(True, step, frames=frames, **said)


def _memory(process: Process) -> str:
    """Whose memory a step may touch that others see without a gate; empty: nobody else does."""
    if process.shares_memory:
        return "a shared mapping"
    return process.name if len(process.actors) > 1 else ""


def _detail(detail: str, effect: Effect) -> str:
    if effect.kind in ("size", "reserve", "truncate") and effect.size is not None:
        return f"{effect.size} B"
    return detail
