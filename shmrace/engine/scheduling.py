"""Whose waits end, and what happens when no actor can move: time passes.

A wait ends by itself, lowest actor first, as soon as it would not wait any more.  A timeout fires
only when nothing else is enabled, the soonest first.  If that helps no actor either, it is a
deadlock, and it is known which actor waits for what.
"""

from functools import partial

from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.state.actor import Actor, gate_of
from shmrace.engine.state.observations import Observations
from shmrace.engine.state.process import Looks, Process
from shmrace.engine.steps.enabled import Enabled
from shmrace.engine.steps.perform import Performer
from shmrace.engine.waits import calls
from shmrace.engine.waits.primitives import Messages
from shmrace.model.assumptions import Assumption
from shmrace.model.ledger import Ledger
from shmrace.model.objects import Mode, accesses_of, with_everything
from shmrace.model.operations import SLEEPING, Effect, Operation
from shmrace.model.stack import user_frames
from shmrace.model.trace import Turn

_MOST_TIMEOUTS = 16
"""Timeouts in a row for each waiting actor, after which they are taken to go on for ever."""

LONGEST_WAIT = 600 * 10**9
"""Nanoseconds; a wait that would last longer (gloo's half an hour, say) counts as one that never
ends: which actor waits for which tells more than what a library does when it gives up at last."""

MOST_SLEEPS = 16
"""Sleeps of one actor, while no actor changes anything, after which an execution is cut:
`bounded-retries`."""

MOST_SLEEPS_ALONE = 256
"""Likewise where no other actor can change anything, so that there is nothing to decide."""


class Scheduler:
    """Lets waits and time pass in one execution."""

    def __init__(
        self, loop: EventLoop, performer: Performer, messages: Messages,
        observations: Observations, enabled: Enabled,
    ) -> None:  # fmt: skip
        self._loop = loop
        self._population = loop.population
        self._performer = performer
        self._messages = messages
        self._observations = observations
        self._enabled = enabled
        self.timeouts = 0  # in a row

    def end_waits(self, turn: int) -> list[str]:
        """Let through every wait that would not wait any more; the actors that moved."""
        moved: list[str] = []
        while True:
            ready = next(
                (one for one in self._waiting() if self._is_free(one) and _is_over(one)), None
            )
            if ready is None:
                return moved
            if not ready.process.is_busy:
                ready.process.looks = Looks()
            step = self._performer.perform(ready, turn, automatic=True)
            if any(mode is not Mode.READ for _, mode in step.accesses):
                # it told another actor something at once
                self._observations.assumed.add(Assumption.MESSAGE_ORDER)
            moved.append(ready.name)

    def _is_free(self, actor: Actor) -> bool:
        """May the wait of this actor end?

        What comes in from other processes is taken when the whole process would wait, or when it
        has just said something that a helper thread may have to pass on.
        """
        process = actor.process
        process.is_busy = False
        if self._loop.server.setting_up or not gate_of(actor).channel:
            return True
        process.is_busy = any(
            other is not actor
            and not other.ended
            and other.gate is not None
            and other.gate.operation not in SLEEPING
            and self._enabled.may_go_on(other)
            for other in process.actors
        )
        return not process.is_busy or process.has_spoken or not process.channels.incoming

    def retries_for_ever(self, actor: Actor) -> bool:
        """Has the actor retried without effect often enough to cut the execution?"""
        if actor.retries.count < MOST_SLEEPS:
            return False
        return actor.retries.count >= MOST_SLEEPS_ALONE or not self._enabled.is_alone(actor)

    def looked_in_vain(self) -> list[Process]:
        """The processes that looked for news in this turn, found none, and go on all the same."""
        return [
            process
            for process in self._population.living()
            if process.looks.in_vain and any(map(self._enabled.may_go_on, process.actors))
        ]

    def let_time_pass(self, turn: int) -> list[str] | None:
        """End the wait whose time is over first; the actors that moved, or None if time helps
        none."""
        clock = self._loop.server.clock
        timed = [
            (clock.deadline(actor, gate_of(actor), limit), actor.key, actor)
            for actor in self._waiting(decided=True)
            if (limit := calls.timeout(actor, gate_of(actor))) is not None
        ]
        timed = [one for one in timed if one[0] - one[2].process.clock.now <= LONGEST_WAIT]
        parts_over = all(actor.ended for actor in self._population.actors if actor.part)
        if not timed or parts_over or self.timeouts > _MOST_TIMEOUTS * len(timed):
            return None
        self.timeouts += 1
        self._observations.assumed.add(Assumption.TIMEOUTS)
        moment, _, soonest = min(timed, key=lambda one: one[:2])
        clock.pass_until(moment, self._population.living())
        self._performer.time_out(soonest, turn)
        return [soonest.name, *self.end_waits(turn)]

    def deadlock(self, stacks: bool) -> list[tuple[str, str]]:
        """Who waits for what, if an actor that plays a part is among them; else nothing."""
        waiting = [one for one in self._population.actors if one.gate is not None and not one.ended]
        if not any(actor.part for actor in waiting):
            return []
        return [(actor.name, self._waits_for(actor, stacks)) for actor in waiting]

    def waiting_for_locks(self, ledger: Ledger) -> list[Turn]:
        """The locks that could not be taken any more, as the turns that would have taken them."""
        return [
            Turn(
                actor.name,
                Operation.LOCK,
                with_everything(
                    accesses_of(
                        Effect(Operation.LOCK, inode=actor.gate.inode, lock=actor.gate.lock),
                        ledger.keys,
                        partial(actor.process.locks.key, ledger),
                    )
                ),
            )
            for actor in self._population.actors
            if actor.gate is not None and actor.gate.shape.family == "lock"
        ]

    def _waits_for(self, actor: Actor, stacks: bool) -> str:
        gate = gate_of(actor)
        if gate.shape.family == "primitive":
            why = self._messages.waits_for(actor, gate)
        else:
            why = calls.described(actor, gate)
        frames = user_frames(self._loop.stack_of(actor)) if stacks else ()
        return f"{why} ({frames[0].short})" if frames else why

    def _waiting(self, decided: bool = False) -> list[Actor]:
        return [
            actor
            for actor in self._population.actors
            if actor.gate is not None and (actor.gate.automatic or (decided and actor.gate.decided))
        ]


def _is_over(actor: Actor) -> bool:
    return calls.state(actor, gate_of(actor)) != calls.WAITS
