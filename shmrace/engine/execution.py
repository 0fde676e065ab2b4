"""An execution: one run of a scenario, driven decision by decision.

`choices` lists the actors that may go on and the faults that may strike, `take` lets one of them
happen; the waits that end because of it follow by themselves and belong to the same turn.  When no
actor is left, or none can go on, the execution is `finished`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from shmrace.engine import leftovers, turns
from shmrace.engine.account import Account
from shmrace.engine.choices import Choices, preempts
from shmrace.engine.faults.offers import FaultOffers
from shmrace.engine.faults.rules import Fault
from shmrace.engine.faults.strike import FaultInjector
from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.gate.patience import ActorHangs
from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.scheduling import Scheduler
from shmrace.engine.setup import set_up
from shmrace.engine.state.actor import Actor
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


class Execution:
    """Made by a session; `take` until `finished`."""

    def __init__(
        self, server: ForkServer, rules: Sequence[Fault] = (), max_faults: int = 1,
        stacks: bool = False, fresh: bool = False, hurried: bool = True,
        impatient: Collection[str] = (), tells_links: bool = False, hangs: str = "",
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
        self._moved_last: Actor | None = None
        self._due: Actor | None = None  # whose sleep is over first, where all poll in vain
        self._choices: list[Choice] | None = None  # as long as no actor moves
        self._server = server
        self._offers = FaultOffers(rules, max_faults)
        self._stacks = stacks
        self._printed = PrintedLines(server) if stacks else None
        self._fresh, self._hurried = fresh, hurried
        self._loop = EventLoop(server, self.observations, hangs)
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
            self._loop, self.ledger, self.observations, deaths_possible, bool(rules), tells_links
        )
        self._enabled = Enabled(self._loop, self._messages)
        self._possible = Choices(self._enabled, self._offers, self.observations, self.ledger)
        self._performer = Performer(
            self._loop, measurer, self.observations, self._messages, self._enabled, impatient
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
        """At a deadlock or livelock: which actor waits or polls, and what for."""
        stuck = self._account.stuck
        return [*stuck.waiting, *stuck.polling]

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
        self._server.clock.begin(self._hurried)
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
        """Who may go on, and which faults may strike, in the order that a schedule counts."""
        if self.finished:
            return []
        if self._choices is None:
            done = len(self.turns)
            self._choices = self._possible.now(self.actors, self._moved_last, self._due, done)
        return list(self._choices)

    def take(self, index: int) -> Turn:
        """Let the choice with this index happen."""
        choices = self.choices()
        choice = choices[index]
        if len(choices) > 1:
            self.decisions.append(index)
        is_preemption = preempts(choices, choice, self._moved_last)
        self.preemptions += is_preemption
        first = len(self.observations.steps)
        turn = self._turn(self._population.find(choice.actor), choice)
        if is_preemption:
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
        """What could not happen any more: faults that did not strike, locks that were waited for,
        and what those were about to do whom others have ended."""
        return self._offers.pending() + self._waiting_for_locks + self.observations.prevented

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
        stacks = self._stacks and actor is not None and not self._scheduler.has_looked_often(actor)
        stack = self._loop.stack_of(actor) if actor is not None and stacks else ()
        heard: set[int] = set()
        if actor is not None:
            self._moved_last = actor
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
        if actor is not None and self._scheduler.goes_too_far(actor, self._hurried):
            self._cut()
        self._go_on()
        return self.turns[-1]

    def _go_on(self) -> None:
        """While all that may go on poll in vain let time pass; finish if that helps none."""
        self._due = None
        while not self.finished and self._due is None and self._enabled.all_poll():
            pollers = self._enabled.actors()
            try:
                if not pollers and self._loop.await_unknown():
                    continue
                moved = self._scheduler.let_time_pass(len(self.turns) - 1, pollers)
            except ActorHangs as error:
                self._hang(error)
                return
            if isinstance(moved, Actor):
                self._due = moved
            elif moved is not None:
                turns.extend_last(self.turns, self.observations.steps, moved)
            else:
                self.finished = True
                self._account.stuck = self._scheduler.stuck(pollers, self.ledger, self._stacks)
                self._waiting_for_locks = self._scheduler.waiting_for_locks(self.ledger)
                if self.blocked:
                    self.observations.spared = self._offers.could_strike(self.actors, self.ledger)
                if pollers and not self._account.stuck.polling:  # children that outlive all parts
                    self._cut()

    def _cut(self) -> None:
        self.cut = self.finished = True
        self.observations.assumed.add(Assumption.BOUNDED_RETRIES)

    def _hang(self, error: ActorHangs) -> None:
        self.finished = True
        self._account.hanging = (error.actor.name, self._loop.stack_of(error.actor))
