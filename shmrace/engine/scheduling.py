"""Whose waits end, and what happens when no actor can move: time passes.

A wait ends by itself, lowest actor first, as soon as it would not wait any more.  Once everybody
that may go on polls in vain, or nobody may go on, time passes: the timeout or sleep that is over
first ends.  If that helps no actor either, it is a deadlock, or a livelock if some poll; and it is
known which actor waits for what, and which looks at what.
"""

from collections.abc import Sequence
from functools import partial

from shmrace.engine.gate import unknown_waits
from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.state.actor import Actor, gate_of
from shmrace.engine.state.observations import Observations
from shmrace.engine.state.process import Looks, Process
from shmrace.engine.steps.enabled import Enabled
from shmrace.engine.steps.perform import Performer
from shmrace.engine.waits import calls, polling
from shmrace.engine.waits.primitives import Messages
from shmrace.model.assumptions import Assumption
from shmrace.model.effect import Effect
from shmrace.model.footprints import accesses_of
from shmrace.model.ledger import Ledger
from shmrace.model.objects import Mode, with_everything
from shmrace.model.operations import SLEEPING, Operation
from shmrace.model.record import Stuck
from shmrace.model.stack import user_frames
from shmrace.model.trace import Turn

_MOST_TIMEOUTS = 16
"""Timeouts in a row for each waiting actor, after which they are taken to go on for ever."""

LONGEST_WAIT = 600 * 10**9
"""Nanoseconds; a wait that would last longer (gloo's half an hour, say) counts as one that never
ends: which actor waits for which tells more than what a library does when it gives up at last."""

MOST_SLEEPS = 16
"""Sleeps of one actor, while nothing changes that it looks at and others could change it, after
which an execution is cut: `bounded-retries`."""

MOST_ROUNDS = 256
"""Sleeps of each actor that polls, while nobody can change anything, after which it is a livelock;
more than a day passes for each."""

FEWEST_ROUNDS = 32
"""Likewise where very many poll; some hours pass for each."""

MOST_STEPS = 10_000
"""Steps after which an execution is cut likewise: an actor retries without sleeping."""


_MERELY_ASKS = {*SLEEPING, Operation.HAS_ENDED, Operation.IS_ALIVE}
"""What a thread may do again and again, and keeps its process from nothing by it: the thread of a
`multiprocessing.Pool` that looks after its workers, say."""


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
            and other.gate.operation not in _MERELY_ASKS
            and self._enabled.may_go_on(other)
            for other in process.actors
        )
        return not process.is_busy or process.has_spoken or not process.channels.incoming

    def goes_too_far(self, actor: Actor, hurried: bool) -> bool:
        """Has this actor retried so often, while others could go on, that the execution is cut; or
        is the execution too long?"""
        if len(self._observations.steps) >= MOST_STEPS:
            return True
        return (
            hurried
            and actor.retries.count >= MOST_SLEEPS
            and not all(
                other is actor or self._enabled.polls_in_vain(other)
                for other in self._enabled.actors()
            )
        )

    def has_looked_often(self, actor: Actor) -> bool:
        """Has it polled in vain so often, and so long beyond any deadline, that another look is not
        worth a stack?"""
        return actor.retries.count > MOST_SLEEPS

    def looked_in_vain(self) -> list[Process]:
        """The processes that looked for news in this turn, found none, and go on all the same."""
        return [
            process
            for process in self._population.living()
            if process.looks.in_vain and any(map(self._enabled.may_go_on, process.actors))
        ]

    def let_time_pass(self, turn: int, pollers: Sequence[Actor]) -> list[str] | Actor | None:
        """Let the wait or sleep end whose time is over first, of those who wait and of `pollers`,
        who poll in vain.  The actors that moved because a wait has ended; or the poller that is to
        be let go; or None if time helps nobody."""
        clock = self._loop.server.clock
        timed = [
            (clock.deadline(actor, gate_of(actor), limit), actor.key, actor)
            for actor in self._waiting(decided=True)
            if (limit := calls.timeout(actor, gate_of(actor))) is not None
        ]
        timed = [one for one in timed if one[0] - one[2].process.clock.now <= LONGEST_WAIT]
        if self._all_parts_ended():
            timed = []
        if pollers:
            timed += [(clock.wakes(one, gate_of(one)), one.key, one) for one in pollers]
            enough = max(FEWEST_ROUNDS, MOST_ROUNDS // max(1, len(timed) // 8))
            over = all(one.retries.count >= enough for *_, one in timed)
        else:
            over = self.timeouts > _MOST_TIMEOUTS * len(timed)
        if over or not timed:
            return None
        moment, _, soonest = min(timed, key=lambda one: one[:2])
        if soonest in pollers:
            return soonest
        self.timeouts += 1
        self._observations.assumed.add(Assumption.TIMEOUTS)
        clock.pass_until(moment, self._population.living())
        self._performer.time_out(soonest, turn)
        return [soonest.name, *self.end_waits(turn)]

    def stuck(self, pollers: Sequence[Actor], ledger: Ledger, stacks: bool) -> Stuck:
        """Who waits for what and who polls what, once time helps nobody any more; nobody does if no
        actor that plays a part is left."""
        left = [
            one
            for one in self._population.actors
            if (one.gate is not None or one.waits_in) and not one.ended
        ]
        if not any(actor.part for actor in left):
            return Stuck()
        waiting = [one for one in left if one not in pollers]
        return Stuck(
            tuple((one.name, self._at(one, self._waits_for(one), stacks)) for one in waiting),
            tuple((one.name, self._at(one, polling.described(one, ledger), stacks))
                  for one in pollers),
        )  # fmt: skip

    def _all_parts_ended(self) -> bool:
        return all(actor.ended for actor in self._population.actors if actor.part)

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

    def _waits_for(self, actor: Actor) -> str:
        if actor.waits_in == unknown_waits.STOPPED:
            return "for SIGCONT: a signal has stopped it"
        if actor.waits_in:
            return f"in {actor.waits_in}, of which shmrace does not know what ends it"
        gate = gate_of(actor)
        if gate.shape.family == "primitive":
            return self._messages.waits_for(actor, gate)
        return calls.described(actor, gate)

    def _at(self, actor: Actor, what: str, stacks: bool) -> str:
        """What an actor does, and at which line it stands."""
        if actor.waits_in:  # to ask it would end some waits
            stack = self._observations.steps[actor.last.index].stack
        else:
            stack = self._loop.stack_of(actor) if stacks else ()
        frames = user_frames(stack)
        return f"{what} ({frames[0].short})" if frames else what

    def _waiting(self, decided: bool = False) -> list[Actor]:
        return [
            actor
            for actor in self._population.actors
            if actor.gate is not None and (actor.gate.automatic or (decided and actor.gate.decided))
        ]


def _is_over(actor: Actor) -> bool:
    return calls.state(actor, gate_of(actor)) != calls.WAITS
