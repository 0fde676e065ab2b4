"""An execution: one run of a scenario, driven decision by decision.

`choices` says who may go on (and which faults may strike), `take` lets one of them; the waits that
end because of it follow by themselves, lowest actor first, and belong to the same turn.  When
nobody is left, or nobody can go on, it is `finished`.  The same object is what a user steps by hand
and what `check` is given.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shmrace.dependence import Mode, accesses_of, life
from shmrace.engine import locks, waits
from shmrace.engine.actor import Actor, Gate, Recorded
from shmrace.engine.arrivals import Arrivals, Hanging
from shmrace.engine.faults import Fault
from shmrace.engine.forkserver import ForkServer
from shmrace.engine.messages import Messages
from shmrace.engine.performing import Performing
from shmrace.ledger import Ledger
from shmrace.linux.procfs import shared_mappings
from shmrace.operations import SLEEPING, Effect
from shmrace.record import Death, Ending, Record
from shmrace.scenario import Scenario
from shmrace.schedule import Choice, Schedule
from shmrace.stack import Frame, user_frames
from shmrace.trace import Step, Turn

MOST_SLEEPS = 16
"""Sleeps of one actor in a row after which an execution is cut: `bounded-retries`."""

MOST_STEPS = 20_000


class Execution:
    """Made by a session; `take` until `finished`, then `close`."""

    def __init__(
        self, server: ForkServer, faults: Sequence[Fault] = (), max_faults: int = 1,
        stacks: bool = False,
    ) -> None:  # fmt: skip
        self.scenario: Scenario = server.scenario
        self.ledger = Ledger()
        self.recorded = Recorded()
        self.turns: list[Turn] = []
        self.decisions: list[int] = []
        self.preemptions = 0
        self.struck: list[str] = []
        self.cut = ""  # why it was not run to its end
        self.hanging: tuple[str, tuple[Frame, ...]] | None = None
        self.blocked: list[tuple[str, str]] = []  # who waits for whom at a deadlock
        self.leftovers: list[str] = []
        self.held: list[tuple[str, str, str]] = []  # (actor, segment, "mapping" or "fd") at exits
        self.last: str | None = None
        self._server = server
        self._faults = tuple(faults)
        self._max_faults = max_faults
        self._stacks = stacks
        self._arrivals = Arrivals(server, self.recorded)
        self._messages = Messages(self._arrivals.find, lambda: self._arrivals.actors)
        self._performing = Performing(
            self._arrivals, self.ledger, self.recorded, self._messages,
            limited_space=self.scenario.shm_size is not None, deaths_possible=bool(faults),
        )  # fmt: skip
        self._could: set[str] = set()  # who was enabled before the last turn
        self._timeouts = 0  # in a row
        self._last_enabler = -1  # the last turn
        self._deaths: tuple[Death, ...] | None = None  # set when it is closed
        self.finished = False
        self.given_up = False
        self._results: dict[str, Any] | None = None

    # ------------------------------------------------------------------ what is known

    @property
    def trace(self) -> tuple[Step, ...]:
        return tuple(self.recorded.steps)

    @property
    def actors(self) -> list[Actor]:
        return self._arrivals.actors

    @property
    def endings(self) -> dict[str, Ending]:
        """How each body ended."""
        return {actor.name: actor.outcome for actor in self.actors if actor.outcome is not None}

    @property
    def results(self) -> dict[str, Any]:
        """What each actor returned."""
        if self._results is None or not self.finished:
            self._results = {
                name: pickle.loads(ending.value)
                for name, ending in self.endings.items()
                if not ending.raised and ending.value
            }
        return self._results

    @property
    def deaths(self) -> tuple[Death, ...]:
        """The processes that were killed, or ended by a signal."""
        if self._deaths is not None:
            return self._deaths
        found = []
        for process in self._arrivals.all_processes():
            status = process.status
            if process.alive or not process.actors:
                continue
            fault = any(actor.killed for actor in process.actors)
            if fault or (status is not None and status & 0x7F):
                first = process.actors[0]
                found.append(Death(first.name, status, first.last_step, fault))
        return tuple(found)

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.decisions)

    @property
    def enabled(self) -> list[str]:
        """The actors that may go on now."""
        return [choice.actor for choice in self.choices() if not choice.fault]

    @property
    def record(self) -> Record:
        """All of it as plain data, once it is finished."""
        turn_of = {}
        step = 0
        for index, turn in enumerate(self.turns):
            for _ in turn.signature:
                turn_of[step] = index
                step += 1
        return Record(
            trace=self.trace, ledger=self.ledger, turns=tuple(self.turns), turn_of=turn_of,
            endings=self.endings, deaths=self.deaths, blocked=tuple(self.blocked),
            hanging=self.hanging, held=tuple(self.held),
            parts=tuple(actor.name for actor in self.actors if actor.part),
            entered=frozenset(step.actor for step in self.trace if step.operation == "start"),
            faults=tuple(self.struck),
        )  # fmt: skip

    def output(self, actor: str) -> str:
        """What an actor printed."""
        return self._server.output(actor)

    # ------------------------------------------------------------------ running it

    def begin(self) -> None:
        """Bring the actors and run their `setup`, unexplored, lowest actor first."""
        self._server.forget_output()
        self._server.witness.events()
        self._arrivals.bring_actors()
        try:
            self._set_up()
        except Hanging as error:
            self._hang(error)
        self._performing.setting_up = False
        if self._server.inherited_memory:
            for actor in self.actors:
                actor.process.shares_memory = True
        self._advance_waits()

    def _set_up(self) -> None:
        while True:
            early = [one for one in self._actors_enabled() if _gate(one).operation != "start"]
            if not early:
                return
            self._performing.perform(early[0], -1)
            self._end_waits(-1)

    def choices(self) -> list[Choice]:
        """Who may go on: the one that moved last first (last, if it slept), then the others in
        their order, then the faults that may strike."""
        if self.finished:
            return []
        actors = self._actors_enabled()
        moved = [actor for actor in actors if actor.name == self.last]
        others = [actor for actor in actors if actor.name != self.last]
        slept = bool(self.recorded.steps) and self.recorded.steps[-1].operation in SLEEPING
        ordered = others + moved if slept else moved + others
        found = [Choice(actor.name, _gate(actor).operation) for actor in ordered]
        return found + self._fault_choices()

    def take(self, index: int) -> Turn:
        """Let the choice with this index happen."""
        choices = self.choices()
        choice = choices[index]
        if len(choices) > 1:
            self.decisions.append(index)
        actor = self._arrivals.find(choice.actor)
        assert actor is not None
        could_go_on = any(other.actor == self.last and not other.fault for other in choices)
        slept = bool(self.recorded.steps) and self.recorded.steps[-1].operation in SLEEPING
        preempts = could_go_on and choice.actor != self.last and not slept and not choice.fault
        self.preemptions += preempts
        first = len(self.recorded.steps)
        turn = self._turn(actor, choice)
        if preempts:
            self.recorded.steps[first] = replace(self.recorded.steps[first], preempts=True)
        return turn

    def _turn(self, actor: Actor, choice: Choice) -> Turn:
        turn = len(self.turns)
        first = len(self.recorded.steps)
        enabled_before = self._could
        ready_since = actor.name not in enabled_before and bool(self.turns)
        waited = _gate(actor).waited
        stack = self._arrivals.stack_of(actor) if self._stacks else ()
        self._could = {one.name for one in self._actors_enabled()}
        self.last = actor.name
        try:
            if choice.fault:
                self.struck.append(str(choice))
                self._performing.kill(actor, turn, stack)
            else:
                if choice.operation == "exit":
                    self._note_held(actor)
                self._performing.perform(actor, turn, stack=stack)
            moved = self._end_waits(turn)
        except Hanging as error:
            self._hang(error)
            moved = []
        steps = self.recorded.steps[first:]
        after = set(steps[0].after)
        if ready_since and waited and self._last_enabler >= 0:
            after.add(self._last_enabler)
        for one in self.actors:
            if one.born_after >= 0 and one.last_turn == turn and one.born_after != turn:
                after.add(one.born_after)
                one.born_after = -1
        done = Turn(
            actor=choice.who, operation=steps[0].operation,
            accesses=frozenset().union(*(one.accesses for one in steps)),
            after=tuple(sorted(after)),
            moved=tuple(sorted(moved)),
            signature=tuple(one.signature for one in steps),
        )  # fmt: skip
        self.turns.append(done)
        self._last_enabler = turn
        self._timeouts = 0
        if actor.sleeps >= MOST_SLEEPS or len(self.recorded.steps) >= MOST_STEPS:
            self.cut = f"{actor.name} slept {actor.sleeps} times in a row"
            self.recorded.assumed.add("bounded-retries")
            self.finished = True
        if not self.finished:
            self._advance_waits()
        return done

    def pending(self) -> list[Turn]:
        """What could not happen any more when the execution ended: faults that did not strike."""
        rest = self._max_faults - len(self.struck)
        return [
            Turn(
                f"{fault.kind} {actor.name}", fault.kind,
                frozenset({(life(actor.process.name), Mode.WRITE)}),
            )
            for fault in self._faults
            for actor in self.actors
            if rest > 0 and actor.part and not actor.killed and fault.strikes(actor.name, "*")
        ]  # fmt: skip

    def _actors_enabled(self) -> list[Actor]:
        found = []
        for actor in self.actors:
            gate = actor.gate
            if gate is None or gate.automatic:
                continue
            if gate.shape.family == "primitive":
                if not gate.waited:
                    gate.waited = True
                    self._messages.arrive(actor, gate)
                if not self._messages.enabled(actor, gate):
                    continue
            elif gate.shape.family == "lock" and locks.would_wait(actor, gate):
                self._server.witness.events()  # the question itself opens the file
                continue
            found.append(actor)
        return found

    def _fault_choices(self) -> list[Choice]:
        if len(self.struck) >= self._max_faults:
            return []
        found: list[Choice] = []
        for fault in self._faults:
            for actor in self.actors:
                if actor.part and actor.gate is not None and not actor.ended:
                    operation = actor.gate.operation
                    choice = Choice(actor.name, operation, fault.kind)
                    if fault.strikes(actor.name, operation) and choice not in found:
                        found.append(choice)
        return found

    def _end_waits(self, turn: int) -> list[str]:
        """Let through, lowest actor first, every wait that would not wait any more."""
        moved: list[str] = []
        while True:
            ready = [
                actor
                for actor in self.actors
                if actor.gate is not None
                and actor.gate.automatic
                and waits.state(actor, actor.gate) != waits.WAITS
            ]
            if not ready:
                return moved
            first = ready[0]
            step = self._performing.perform(first, turn, automatic=True)
            if any(mode is not Mode.READ for _, mode in step.accesses):
                self.recorded.assumed.add("message-order")  # it told somebody something at once
            moved.append(first.name)

    def _advance_waits(self) -> None:
        """While nobody is enabled let time pass; finish if that helps nobody."""
        while not self.finished and not self._actors_enabled():
            timed = [
                (int(limit * 10), actor.key, actor)
                for actor in self.actors
                if actor.gate is not None and actor.gate.automatic
                and (limit := waits.timeout(actor, actor.gate)) is not None
            ]  # fmt: skip
            parts_over = all(actor.ended for actor in self.actors if actor.part)
            if not timed or parts_over or self._timeouts > MOST_SLEEPS * len(timed):
                self._nobody_moves()
                return
            self._timeouts += 1
            self.recorded.assumed.add("timeouts")
            _, _, actor = min(timed, key=lambda one: one[:2])
            turn = len(self.turns) - 1
            try:
                self._performing.time_out(actor, turn)
                moved = [actor.name, *self._end_waits(turn)]
            except Hanging as error:
                self._hang(error)
                return
            self._extend_last_turn(moved)

    def _extend_last_turn(self, moved: list[str]) -> None:
        """Waits that ended by time belong to the turn after which nobody was enabled."""
        if not self.turns:
            return
        last = self.turns[-1]
        count = sum(len(turn.signature) for turn in self.turns)
        steps = self.recorded.steps[count:]
        self.turns[-1] = Turn(
            last.actor, last.operation,
            last.accesses.union(*(step.accesses for step in steps)), last.after,
            tuple(sorted({*last.moved, *moved})),
            last.signature + tuple(step.signature for step in steps),
        )  # fmt: skip

    def _nobody_moves(self) -> None:
        self.finished = True
        waiting = [actor for actor in self.actors if actor.gate is not None and not actor.ended]
        if any(actor.part for actor in waiting):
            self.blocked = [(actor.name, self._waits_for(actor)) for actor in waiting]

    def _waits_for(self, actor: Actor) -> str:
        gate = _gate(actor)
        if gate.shape.family == "primitive":
            why = self._messages.waits_for(actor, gate)
        else:
            why = waits.described(actor, gate)
        frames = user_frames(self._arrivals.stack_of(actor)) if self._stacks else ()
        return f"{why} ({frames[0].short})" if frames else why

    def _hang(self, error: Hanging) -> None:
        self.finished = True
        actor = error.actor
        self.hanging = (actor.name, self._arrivals.stack_of(actor))

    def _note_held(self, actor: Actor) -> None:
        """What a process that ends well still holds of segments that have no name any more."""
        if not actor.part or actor.outcome is None or actor.outcome.raised:
            return
        linked = [segment for _, segment in self.ledger.linked()]
        for inode in actor.process.views:
            segment = self.ledger.segment(inode)
            if segment is None or segment in linked or not segment.unlinked:
                continue
            if not segment.attached:
                continue  # never handed over by name: a pool, or a semaphore, of the process' own
            mapped = any(one.inode == inode[1] for one in shared_mappings(actor.process.pid))
            self.held.append((actor.name, segment.label, "mapping" if mapped else "fd"))

    # ------------------------------------------------------------------ its end

    def close(self) -> None:
        """End whoever is left, and leave ``/dev/shm`` empty for the next execution."""
        self.finished = True
        self._deaths = self.deaths  # those that end now are no findings
        self._arrivals.kill_all()
        for name, _, _ in self._left():
            self.leftovers.append(name)
        for name, parent, is_directory in self._left():
            path = f"{parent}/{name}" if parent else name
            (os.rmdir if is_directory else os.unlink)(path, dir_fd=self._server.shm)
        self._server.witness.events()
        usage = self._server.witness.usage()
        if usage.inodes != self._server.baseline.inodes:
            self.recorded.ungated.append("an inode of /dev/shm is held by nobody that is known")

    def _outsider_unlinked(self, name: str) -> None:
        """Somebody who is no actor has unlinked a name: enter it, and the witness' word on it."""
        index = len(self.recorded.steps)
        segment = self.ledger.meaning(name)
        effect = Effect("unlink", names=(name,), inode=segment.inode if segment else None)
        accesses = accesses_of(effect, self.ledger.keys, self.ledger.key)
        self.ledger.record(index, "outsider", effect)
        label = segment.label if segment else name
        step = Step(index, "outsider", "unlink", name=label, segment=label, accesses=accesses)
        self.recorded.steps.append(step)
        self.turns.append(Turn("outsider", "unlink", accesses, signature=(step.signature,)))
        self._server.witness.events()

    def _left(self) -> list[tuple[str, str, bool]]:
        found = []
        for folder, folders, files in os.walk(f"/proc/self/fd/{self._server.shm}", topdown=False):
            parent = os.path.relpath(folder, f"/proc/self/fd/{self._server.shm}")
            parent = "" if parent == "." else parent
            found += [(name, parent, False) for name in sorted(files)]
            found += [(name, parent, True) for name in sorted(folders)]
        return found


def _gate(actor: Actor) -> Gate:
    assert actor.gate is not None
    return actor.gate
