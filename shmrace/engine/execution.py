"""An execution: one run of a scenario, driven decision by decision.

`choices` lists the actors that may go on and the faults that may strike, `take` lets one of them
happen; the waits that end because of it follow by themselves and belong to the same turn.  When no
actor is left, or none can go on, the execution is `finished`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shmrace.engine import leftovers, turns
from shmrace.engine.account import Account
from shmrace.engine.faults.offers import FaultOffers
from shmrace.engine.faults.rules import Fault
from shmrace.engine.faults.strike import FaultInjector
from shmrace.engine.gate.event_loop import ActorHangs, EventLoop
from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.scheduling import Scheduler
from shmrace.engine.setup import set_up
from shmrace.engine.state.actor import Actor, gate_of
from shmrace.engine.state.observations import Observations
from shmrace.engine.steps.enabled import Enabled
from shmrace.engine.steps.measure import Measurer
from shmrace.engine.steps.output import PrintedLines
from shmrace.engine.steps.perform import Performer
from shmrace.engine.teardown import tear_down
from shmrace.engine.waits.primitives import Messages
from shmrace.model.assumptions import Assumption
from shmrace.model.faults import DEADLY, FaultKind
from shmrace.model.ledger import Ledger, Segment
from shmrace.model.objects import Mode, news_for
from shmrace.model.operations import Operation
from shmrace.model.record import Death, Ending, Record
from shmrace.model.schedule import Choice, Schedule
from shmrace.model.trace import Step, Turn
from shmrace.scenario.base import Scenario

MOST_STEPS = 10_000
"""Steps after which an execution is cut likewise: an actor retries without sleeping."""


class Execution:
    """Made by a session; `take` until `finished`."""

    def __init__(
        self, server: ForkServer, rules: Sequence[Fault] = (), max_faults: int = 1,
        stacks: bool = False, fresh: bool = False,
    ) -> None:  # fmt: skip
        self.scenario: Scenario = server.scenario
        self.ledger = Ledger()
        self.observations = Observations()
        self.turns: list[Turn] = []
        self.decisions: list[int] = []
        self.preemptions = 0
        self.finished = False
        self.given_up = False  # by the explorer: all of it was seen elsewhere
        self.cut = False  # an actor retries for ever
        self._waiting_for_locks: list[Turn] = []
        self._last: str | None = None  # the actor that moved last
        self._choices: list[Choice] | None = None  # as long as no actor moves
        self._server = server
        self._offers = FaultOffers(rules, max_faults)
        self._stacks = stacks
        self._printed = PrintedLines(server) if stacks else None
        self._fresh = fresh
        self._loop = EventLoop(server, self.observations)
        self._population = self._loop.population
        self._account = Account(
            server, self._population, self.ledger, self.observations, self.turns,
            self._offers.struck,
        )  # fmt: skip
        deaths_possible = any(rule.kind in DEADLY for rule in rules)
        self._messages = Messages(
            self._population.find, lambda: self._population.actors, self.observations.assumed,
            deaths_possible,
        )  # fmt: skip
        measurer = Measurer(
            self._loop, self.ledger, self.observations, deaths_possible, bool(rules)
        )
        self._enabled = Enabled(self._loop, self._messages)
        self._performer = Performer(
            self._loop, measurer, self.observations, self._messages, self._enabled
        )
        self._injector = FaultInjector(
            self._loop, self._performer, self._messages, self.observations, self.ledger
        )
        self._scheduler = Scheduler(
            self._loop, self._performer, self._messages, self.observations, self._enabled
        )

    @property
    def trace(self) -> tuple[Step, ...]:
        return self._account.trace

    @property
    def actors(self) -> list[Actor]:
        return self._population.actors

    @property
    def endings(self) -> dict[str, Ending]:
        """How each body ended."""
        return self._account.endings

    @property
    def results(self) -> dict[str, Any]:
        """What each actor returned."""
        return self._account.results

    @property
    def deaths(self) -> tuple[Death, ...]:
        """The processes that were killed, or ended by a signal."""
        return self._account.deaths

    @property
    def blocked(self) -> list[tuple[str, str]]:
        """At a deadlock: which actor waits, and for what."""
        return self._account.blocked

    @property
    def record(self) -> Record:
        """All of it as plain data, once it is finished."""
        return self._account.record

    @property
    def reused(self) -> bool:
        """Had some of its processes been their actors in an earlier execution?"""
        return self._loop.reused

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.decisions)

    @property
    def enabled(self) -> list[str]:
        """The actors that may go on now."""
        return [choice.actor for choice in self.choices() if not choice.fault]

    def output(self, actor: str) -> str:
        """What an actor printed."""
        return self._account.output(actor)

    def begin(self) -> None:
        """Bring the actors and run their `setup`, unexplored, lowest actor first."""
        self._server.setting_up = True
        self._server.forget_output()
        self._server.clock.begin()
        self.observations.assumed.update(self._server.shm.assumes)
        self._server.shm.witness.events()
        try:
            set_up(self._loop, self._enabled, self._scheduler, self._performer, self._fresh)
        except ActorHangs as error:
            self._hang(error)
        self._server.setting_up = False
        if self._printed is not None:
            self._printed.skip()  # what setup printed
        if self._server.inherited_memory:
            for actor in self.actors:
                actor.process.holdings.shares_memory = True
        self._go_on()

    def choices(self) -> list[Choice]:
        """Who may go on: the one that moved last first (last, if it slept), then the others in
        their order, then the faults that may strike."""
        if self.finished:
            return []
        if self._choices is None:
            self._choices = self._looked_for()
        return list(self._choices)

    def _looked_for(self) -> list[Choice]:
        actors = self._enabled.actors()
        moved = [actor for actor in actors if actor.name == self._last]
        others = [actor for actor in actors if actor.name != self._last]
        ordered = others + moved if self._just_slept() else moved + others
        found = [Choice(actor.name, gate_of(actor).operation) for actor in ordered]
        return found + self._offers.now(self.actors, self.ledger)

    def take(self, index: int) -> Turn:
        """Let the choice with this index happen."""
        choices = self.choices()
        choice = choices[index]
        if len(choices) > 1:
            self.decisions.append(index)
        could_carry_on = any(one.actor == self._last and not one.fault for one in choices)
        carries_on = choice.fault or choice.actor == self._last
        preempts = could_carry_on and not carries_on and not self._just_slept()
        self.preemptions += preempts
        first = len(self.observations.steps)
        turn = self._turn(self._population.find(choice.actor), choice)
        if preempts:
            self.observations.steps[first] = replace(self.observations.steps[first], preempts=True)
        return turn

    def standing(self, actor: str) -> str | None:
        """The operation before which an actor stands; None if it stands at no gate."""
        found = self._population.find(actor)
        return found.gate.operation if found is not None and found.gate is not None else None

    def kill(self, actor: str) -> bool:
        """SIGKILL an actor where it stands; False if it has ended."""
        found = self._population.find(actor)
        if found is None or found.ended:
            return False
        self._turn(found, Choice(actor, found.gate.operation if found.gate else "", FaultKind.KILL))
        return True

    def unlink(self, segment: Segment) -> None:
        """Let an outsider unlink a segment's names."""
        self._turn(None, Choice(segment.subject, Operation.UNLINK, FaultKind.UNLINK))

    def pending(self) -> list[Turn]:
        """What could not happen any more when the execution ended: faults that did not strike, and
        locks that were waited for."""
        return self._offers.pending() + self._waiting_for_locks

    def abandon(self) -> None:
        """Give back what it holds here; its processes are dead."""
        self.finished = True
        self._loop.release_all()

    def close(self) -> None:
        """End the processes that are left, and leave ``/dev/shm`` empty for the next execution."""
        self.finished = True
        if self._printed is not None:
            self._printed.close(self.observations.steps, self.actors)
        if self._server.files_seen_too_early:
            self.observations.assumed.add(Assumption.MESSAGE_ORDER)
        self._account.close()
        tear_down(self._loop, self.ledger, self._fresh)

    def _turn(self, actor: Actor | None, choice: Choice) -> Turn:
        """What a choice sets off; no actor where an outsider acts."""
        self._choices = None
        turn = self._population.turn = len(self.turns)
        first = len(self.observations.steps)
        stack = self._loop.stack_of(actor) if actor is not None and self._stacks else ()
        heard: set[int] = set()
        if actor is not None:
            self._last = actor.name
            heard, actor.heard = actor.heard, set()
        self._population.locks.begin_turn(turn, choice.actor)
        for process in self._population.processes():
            process.begin_turn()
        moved: list[str] = []
        try:
            if choice.fault or actor is None:
                self._offers.struck.append(choice)
                self._injector.strike(actor, choice, turn, stack)
                if actor is not None and not actor.ended:
                    moved = [actor.name]
            else:
                if choice.operation == Operation.EXIT:
                    self._account.held += leftovers.held(actor)
                self._performer.perform(actor, turn, stack=stack)
            moved += self._scheduler.end_waits(turn)
        except ActorHangs as error:
            self._hang(error)
        if self._printed is not None:
            self._printed.note(self.observations.steps, first, self.actors)
        steps = self.observations.steps[first:]
        looked = {(news_for(one.name), Mode.READ) for one in self._scheduler.looked_in_vain()}
        released_by = self._population.locks.released_by
        self.turns.append(
            turns.made(turn, choice, steps, moved, self.actors, heard, looked, released_by)
        )
        self._scheduler.timeouts = 0
        if (actor is not None and self._scheduler.retries_for_ever(actor)) or len(
            self.observations.steps
        ) >= MOST_STEPS:
            self.cut = self.finished = True
            self.observations.assumed.add(Assumption.BOUNDED_RETRIES)
        self._go_on()
        return self.turns[-1]

    def _go_on(self) -> None:
        """While no actor is enabled let time pass; finish if that helps none."""
        while not self.finished and not self._enabled.actors():
            try:
                moved = self._scheduler.let_time_pass(len(self.turns) - 1)
            except ActorHangs as error:
                self._hang(error)
                return
            if moved is None:
                self.finished = True
                self._account.blocked = self._scheduler.deadlock(self._stacks)
                self._waiting_for_locks = self._scheduler.waiting_for_locks(self.ledger)
            else:
                turns.extend_last(self.turns, self.observations.steps, moved)

    def _just_slept(self) -> bool:
        actor = self._population.find(self._last) if self._last else None
        return actor is not None and actor.last.retried

    def _hang(self, error: ActorHangs) -> None:
        self.finished = True
        self._account.hanging = (error.actor.name, self._loop.stack_of(error.actor))
