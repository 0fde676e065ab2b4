"""An execution as the user sees it: stepped by hand, constrained, checked, reported.

The engine's execution runs it.  This class adds the judgement: the breaches of the invariants and
of the scenario's own `check`.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from typing import Any

from shmrace.engine import choosers, manual
from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.state.actor import Actor
from shmrace.errors import Inconclusive, InvariantBroken, UsageError, text_of
from shmrace.judgement.invariants import broken
from shmrace.model.breach import Breach
from shmrace.model.ledger import Ledger
from shmrace.model.record import Death, Ending, Record
from shmrace.model.schedule import Order, Schedule
from shmrace.model.trace import Step
from shmrace.model.verdict import Finding, Verdict
from shmrace.scenario.base import Scenario


class Execution:
    """What `run` returns, what `begin` gives, and what `check` and `accept` receive.

    `scenario` provides `check` and `accept`.  Without it, the engine's scenario provides them.
    """

    def __init__(self, engine: EngineExecution, scenario: Scenario | None = None) -> None:
        self.engine = engine
        self.scenario = scenario if scenario is not None else engine.scenario
        self.verdict: Verdict | None = None  # set once the whole execution is judged
        self._breaches: list[Breach] | None = None

    def __repr__(self) -> str:
        return f"<Execution of {self.scenario!r}: {len(self.trace)} steps>"

    # ------------------------------------------------------------------ what there is

    @property
    def trace(self) -> tuple[Step, ...]:
        """The steps so far."""
        return self.engine.trace

    @property
    def ledger(self) -> Ledger:
        """The history of every segment and every name so far."""
        return self.engine.ledger

    @property
    def actors(self) -> list[Actor]:
        """All actors so far, those that were spawned included."""
        return self.engine.actors

    @property
    def enabled(self) -> list[str]:
        """The names of the actors that may move now."""
        return self.engine.enabled

    @property
    def finished(self) -> bool:
        """Has the execution ended, or can no actor move?"""
        return self.engine.finished

    @property
    def results(self) -> dict[str, Any]:
        """The value that each actor returned, by the actor's name."""
        return self.engine.results

    @property
    def endings(self) -> dict[str, Ending]:
        """How the body of each actor ended, by the actor's name."""
        return self.engine.endings

    @property
    def deaths(self) -> tuple[Death, ...]:
        """The processes that were killed, or that ended by a signal or an exit status."""
        return self.engine.deaths

    @property
    def blocked(self) -> list[tuple[str, str]]:
        """At a deadlock or livelock: (actor, what it waits for or polls) for each that does."""
        return self.engine.blocked

    @property
    def decisions(self) -> list[int]:
        """The decisions so far, one for each point at which the scheduler chose."""
        return self.engine.decisions

    @property
    def schedule(self) -> Schedule:
        """The schedule that repeats this execution."""
        return self.engine.schedule

    @property
    def preemptions(self) -> int:
        """How often the scheduler switched away from an actor that could have continued."""
        return self.engine.preemptions

    @property
    def record(self) -> Record:
        """The whole execution as plain data, once it has finished."""
        return self.engine.record

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the verdict; empty before the execution is judged."""
        return self.verdict.findings if self.verdict is not None else ()

    def output(self, actor: str) -> str:
        """The text that an actor printed."""
        return self.engine.output(actor)

    # ------------------------------------------------------------------ by hand

    def advance(self, actor: str, until: str | None = None) -> None:
        """Let an actor run until just before an operation, such as `until="attach"`.

        Without `until` the actor runs to its end, or until it has to wait.  Raises `UsageError` if
        there is no such actor, or if the actor never reaches that operation.
        """
        manual.advance(self.engine, actor, until)

    def step(self, actor: str) -> None:
        """Run one operation of an actor.  Raises `UsageError` if the actor cannot move now."""
        manual.step(self.engine, actor)

    def kill(self, actor: str) -> None:
        """SIGKILL an actor before its next operation.  Raises `UsageError` if it has ended."""
        manual.kill(self.engine, actor)

    def unlink(self, name: str) -> None:
        """Unlink all names of a segment from outside the program, as an administrator might.

        `name` is the segment's label, such as "seg0", or one of its names.  Raises `UsageError` if
        there is no such segment.
        """
        manual.unlink(self.engine, name)

    def run_rest(self, order: Order | None = None, schedule: Schedule | None = None) -> None:
        """Run to the end by the schedule's remaining decisions, and within `order` if given."""
        choosers.run_rest(self.engine, order, schedule or Schedule())

    # ------------------------------------------------------------------ afterwards

    def check(self) -> Execution:
        """Return self on a pass; else raise the error of the first finding, or `Inconclusive`."""
        if self.verdict is not None:
            self.verdict.check()
        elif self.engine.observations.ungated:
            raise Inconclusive(f"ungated-operation: {self.engine.observations.ungated[0]}")
        return self

    def breaches(self) -> list[Breach]:
        """All breaches, of the invariants and of the scenario's `check`, which runs only once."""
        if self._breaches is None:
            self._breaches = self._judged()
        return self._breaches

    def unaccepted(self) -> list[Breach]:
        """The breaches that the scenario's `accept` does not tolerate."""
        return [breach for breach in self.breaches() if not self.accepts(breach)]

    def accepts(self, breach: Breach) -> bool:
        """Does the scenario tolerate this breach?  Raises `UsageError` if its `accept` raises."""
        try:
            return bool(self.scenario.accept(breach, self))
        except (Exception, SystemExit) as error:
            raise UsageError(
                f"accept of {type(self.scenario).__name__} raised {type(error).__name__}:"
                f" {text_of(error)}"
            ) from error

    def _judged(self) -> list[Breach]:
        found = broken(self.record)
        if self.engine.cut:  # its rest is not known: only breaches at a step count
            found = [breach for breach in found if breach.step is not None]
        whole = not self.engine.cut and not self.engine.given_up
        if whole and all(self.accepts(breach) for breach in found):
            found += self._own_check()  # an accepted breach tolerates itself and nothing else
        return found

    def _own_check(self) -> Iterator[Breach]:
        returned: object = None
        try:
            returned = self.scenario.check(self)  # type: ignore[func-returns-value]
        except (Exception, SystemExit) as error:
            lines = text_of(error).splitlines()
            raised = not isinstance(error, AssertionError)
            what = f"check raised {type(error).__name__}" if raised else "check failed"
            at = traceback.extract_tb(error.__traceback__)[-1]
            where = f" ({os.path.basename(at.filename)}:{at.lineno})"
            text = f"{what}{where}: {lines[0]}" if lines else f"{what}{where}"
            yield Breach(InvariantBroken, text, detail="\n".join(lines[1:]))
        if returned is not None:
            raise UsageError(
                f"check of {type(self.scenario).__name__} returned {returned!r}: it has to assert"
            )
