"""Virtual time: the clock of each process moves when it sleeps, waits in vain, or is unblocked.

A sleep returns at once and moves its process' clock on; when no actor can go on, all clocks move to
the moment at which the first wait is over.  When one actor unblocks another, the clock of the
unblocked one moves forward to at least the time of the first.  So what a clock shows follows from
what happens before, and is the same in all executions of a trace class.  Where everybody polls in
vain, sleeps get longer and longer, as any sleep may: a loop with a deadline comes to its end in a
few rounds.  Nanoseconds throughout.
"""

from collections.abc import Iterable

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.process import MILLISECOND, Process
from shmrace.engine.waits import calls
from shmrace.linux.vdso import READ_TAKES, ClockPage

_LONGER = 2
"""How much longer each sleep in a row is, where everybody polls in vain."""

_MOST_DOUBLINGS = 24
_ABSOLUTE = 1  # TIMER_ABSTIME

_LONGEST = 600 * 10**9
"""Nanoseconds; no sleep is made longer than this."""


class Clock:
    """The clocks of one session; `close` it."""

    def __init__(self) -> None:
        self.page = ClockPage()
        self.set_up_at = 0  # when the setup of processes that are kept was over
        self._hurried = True
        self._times: dict[int, int] = {}  # of each turn, at its end
        self._shown: int | None = None

    def begin(self, hurried: bool = True) -> None:
        """A new execution; sleeps in vain get longer if it is `hurried`."""
        self._times.clear()
        self._hurried = hurried
        self._shown = None  # whatever code under test has written over it

    def value(self, process: Process, clock: int) -> int:
        """What this clock shows to a process."""
        return self.page.value(clock, process.clock.now)

    def show(self, process: Process) -> None:
        """This process goes on: let clocks show its time."""
        if self._shown != process.clock.now or self.page.reads():
            self.page.show(process.clock.now)
            self._shown = process.clock.now

    def note(self, process: Process, turn: int) -> bool:
        """A step of this process is over: did it read a clock?"""
        reads = self.page.reads()
        if reads:
            process.clock.now += reads * READ_TAKES
            self.show(process)
        self._times[turn] = max(process.clock.now, self._times.get(turn, 0))
        return reads > 0

    def catch_up(self, process: Process, turns: Iterable[int]) -> None:
        """A process goes on because of these turns: it is at least as late as they were."""
        process.clock.move_to(max((self._times.get(turn, 0) for turn in turns), default=0))

    def sleep(self, actor: Actor, gate: Gate) -> None:
        """An actor sleeps."""
        actor.process.clock.move_to(actor.process.clock.now + self._asked(actor, gate))

    def wakes(self, actor: Actor, gate: Gate) -> int:
        """When an actor looks again that polls while nobody can change anything, by its process'
        clock: it sleeps, or repeats at once an operation that has just failed."""
        if gate.deadline is None:
            asked = self._longer(actor, self._asked(actor, gate))
            gate.deadline = actor.process.clock.now + asked
        return gate.deadline

    def pass_until(self, moment: int, processes: Iterable[Process]) -> None:
        """Nobody can go on before this moment."""
        for process in processes:
            process.clock.move_to(moment)

    def deadline(self, actor: Actor, gate: Gate, limit: float) -> int:
        """When a wait with a limit in seconds is over, by its process' clock."""
        if gate.deadline is None:
            moment, by = round(limit * 1e9), calls.clock_of_limit(gate)
            now = actor.process.clock.now
            span: int = moment if by is None else moment - self.page.value(by, 0) - now
            gate.deadline = now + (self._longer(actor, span) if actor.retries.count > 1 else span)
        return gate.deadline

    def close(self) -> None:
        self.page.close()

    def _longer(self, actor: Actor, asked: int) -> int:
        """The length of a sleep, for an actor that has slept so often in vain."""
        doublings = min(actor.retries.count, _MOST_DOUBLINGS) if self._hurried else 0
        longer: int = max(asked, MILLISECOND) * _LONGER**doublings
        return max(asked, min(longer, _LONGEST))

    def _asked(self, actor: Actor, gate: Gate) -> int:
        """For how long the call at the gate would sleep."""
        arguments = gate.notification.arguments
        where = {"nanosleep": 0, "clock_nanosleep": 2}.get(gate.call)
        if where is None:
            return (
                round((calls.timeout(actor, gate) or 0.0) * 1e9)
                if gate.shape.family == "sleep"
                else 0
            )
        try:
            content = actor.process.memory.read(arguments[where], 16)
        except OSError:
            return 0
        seconds, rest = (int.from_bytes(content[at : at + 8], "little") for at in (0, 8))
        asked = seconds * 1_000_000_000 + rest
        if gate.call == "clock_nanosleep" and arguments[1] & _ABSOLUTE:
            asked -= self.value(actor.process, arguments[0])
        return max(0, asked)
