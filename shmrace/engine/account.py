"""What an execution came to: its trace, its endings, deaths and results, and all of it as a record.

It can be read while the execution goes on.  `close` keeps what its processes take with them.
"""

from collections.abc import Sequence
from typing import Any

from shmrace.engine import leftovers
from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.state.observations import Observations
from shmrace.engine.state.population import Population
from shmrace.model.ledger import Ledger
from shmrace.model.operations import Operation
from shmrace.model.record import Death, Ending, Record, Stuck
from shmrace.model.schedule import Choice
from shmrace.model.stack import Frame
from shmrace.model.trace import Step, Turn


class Account:
    """`strikes` are the faults that struck, and `turns` the turns: both grow as it goes on."""

    def __init__(
        self, server: ForkServer, population: Population, ledger: Ledger,
        observations: Observations, turns: Sequence[Turn], strikes: Sequence[Choice],
    ) -> None:  # fmt: skip
        self.hanging: tuple[str, tuple[Frame, ...]] | None = None  # which actor, and where
        self.stuck = Stuck()
        self.held: list[leftovers.Held] = []  # what actors still hold at their exit
        self._server = server
        self._population = population
        self._ledger = ledger
        self._observations = observations
        self._turns = turns
        self._strikes = strikes
        self._deaths: tuple[Death, ...] | None = None  # set when it is closed
        self._ended: frozenset[str] = frozenset()  # likewise
        self._outputs: dict[str, str] | None = None  # likewise

    @property
    def trace(self) -> tuple[Step, ...]:
        return tuple(self._observations.steps)

    @property
    def endings(self) -> dict[str, Ending]:
        """How each body ended."""
        actors = self._population.actors
        return {actor.name: actor.outcome for actor in actors if actor.outcome is not None}

    @property
    def results(self) -> dict[str, Any]:
        """What each actor returned."""
        return {
            name: ending.result
            for name, ending in self.endings.items()
            if not ending.raised and not ending.unpicklable
        }

    @property
    def deaths(self) -> tuple[Death, ...]:
        """The processes that were killed, or ended by a signal."""
        if self._deaths is not None:
            return self._deaths
        return leftovers.deaths(self._population.processes())

    def output(self, actor: str) -> str:
        """What an actor printed."""
        return self._server.output(actor) if self._outputs is None else self._outputs.get(actor, "")

    def close(self) -> None:
        """Keep what the processes printed, and which of them had ended: those that end from now on
        are no findings."""
        self._outputs = {part.name: self._server.output(part.name) for part in self._server.parts}
        self._deaths = self.deaths
        self._ended = frozenset(actor.name for actor in self._population.actors if actor.ended)

    @property
    def record(self) -> Record:
        """All of it as plain data."""
        actors = self._population.actors
        turn_of = {}
        step = 0
        for index, turn in enumerate(self._turns):
            for _ in range(turn.steps):
                turn_of[step] = index
                step += 1
        return Record(
            trace=self.trace,
            ledger=self._ledger,
            turns=tuple(self._turns),
            turn_of=turn_of,
            endings=self.endings,
            deaths=self.deaths,
            stuck=self.stuck,
            hanging=self.hanging,
            held=tuple(leftovers.leaked(self.held, self._ledger)),
            parts=tuple(actor.name for actor in actors if actor.part),
            roles={
                **{part.name: part.role for part in self._server.parts},
                **self._population.spawned_roles,
            },
            entered=frozenset(one.actor for one in self.trace if one.operation == Operation.START),
            ended=self._ended,
            faults=tuple(self._strikes),
            struck={actor.name: actor.struck for actor in actors if actor.struck},
            trackers={
                process.name: process.parent.name
                for process in self._population.processes()
                if process.is_tracker and process.parent is not None
            },
            tracked=tuple(self._observations.tracked),
        )
