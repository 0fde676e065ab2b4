"""An execution as its user sees it: stepped by hand, constrained, checked, reported.

It is composed of the engine's execution, which runs it, and of what judgement says of it: the
breaches of the invariants and of the scenario's own `check`.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from typing import Any

from shmrace.engine import choosers, manual
from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.state.actor import Actor
from shmrace.errors import Inconclusive, InvariantBroken, UsageError
from shmrace.judgement.invariants import broken
from shmrace.model.breach import Breach
from shmrace.model.ledger import Ledger
from shmrace.model.record import Death, Ending, Record
from shmrace.model.schedule import Order, Schedule
from shmrace.model.trace import Step
from shmrace.model.verdict import Finding, Verdict
from shmrace.scenario.base import Scenario


class Execution:
    """What `run` returns, what `begin` gives, and what `check` and `accept` are handed.

    `scenario` is asked for `check` and `accept`; without one, that of the engine's execution is.
    """

    def __init__(self, engine: EngineExecution, scenario: Scenario | None = None) -> None:
        self.engine = engine
        self.scenario = scenario if scenario is not None else engine.scenario
        self.verdict: Verdict | None = None  # set once it is judged as a whole
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
        """What became of every segment and name so far."""
        return self.engine.ledger

    @property
    def actors(self) -> list[Actor]:
        return self.engine.actors

    @property
    def enabled(self) -> list[str]:
        """The actors that may go on now."""
        return self.engine.enabled

    @property
    def finished(self) -> bool:
        """Has it come to its end, or can no actor go on?"""
        return self.engine.finished

    @property
    def results(self) -> dict[str, Any]:
        """What each actor returned."""
        return self.engine.results

    @property
    def endings(self) -> dict[str, Ending]:
        """How the body of each actor ended."""
        return self.engine.endings

    @property
    def deaths(self) -> tuple[Death, ...]:
        """The processes that were killed, or ended by a signal."""
        return self.engine.deaths

    @property
    def blocked(self) -> list[tuple[str, str]]:
        """At a deadlock: each actor that waits, and for what."""
        return self.engine.blocked

    @property
    def decisions(self) -> list[int]:
        return self.engine.decisions

    @property
    def schedule(self) -> Schedule:
        return self.engine.schedule

    @property
    def preemptions(self) -> int:
        """How often another actor went on although the one that moved last could have."""
        return self.engine.preemptions

    @property
    def record(self) -> Record:
        """All of it as plain data, once it is finished."""
        return self.engine.record

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those of its verdict."""
        return self.verdict.findings if self.verdict is not None else ()

    def output(self, actor: str) -> str:
        """What an actor printed."""
        return self.engine.output(actor)

    # ------------------------------------------------------------------ by hand

    def advance(self, actor: str, until: str | None = None) -> None:
        """Let an actor go on until it stands before an operation (`until="attach"`), or to its
        end or until it has to wait.

        Raises `UsageError` if there is no such actor, or if it never comes there.
        """
        manual.advance(self.engine, actor, until)

    def step(self, actor: str) -> None:
        """One operation of one actor.  Raises `UsageError` if it cannot go on now."""
        manual.step(self.engine, actor)

    def kill(self, actor: str) -> None:
        """SIGKILL an actor where it stands.  Raises `UsageError` if it has ended."""
        manual.kill(self.engine, actor)

    def unlink(self, name: str) -> None:
        """Unlink a segment's names from outside, as an administrator might: by its label, such as
        "seg0", or by one of its names.  Raises `UsageError` if there is none."""
        manual.unlink(self.engine, name)

    def run_rest(self, order: Order | None = None, schedule: Schedule | None = None) -> None:
        """Go on to the end: by the schedule's remaining decisions, within the order."""
        choosers.run_rest(self.engine, order, schedule or Schedule())

    # ------------------------------------------------------------------ afterwards

    def check(self) -> Execution:
        """Raise the typed error of the first finding, or `Inconclusive`; return self."""
        if self.verdict is not None:
            self.verdict.check()
        elif self.engine.recorded.ungated:
            raise Inconclusive(f"ungated-operation: {self.engine.recorded.ungated[0]}")
        return self

    def breaches(self) -> list[Breach]:
        """Those of all invariants, the scenario's `check` included, which runs once."""
        if self._breaches is None:
            self._breaches = self._judged()
        return self._breaches

    def unaccepted(self) -> list[Breach]:
        """The breaches that the scenario does not tolerate."""
        return [breach for breach in self.breaches() if not self.accepts(breach)]

    def accepts(self, breach: Breach) -> bool:
        """Does the scenario tolerate it?  Raises `UsageError` if its `accept` raises."""
        try:
            return bool(self.scenario.accept(breach, self))
        except (Exception, SystemExit) as error:
            raise UsageError(
                f"accept of {type(self.scenario).__name__} raised {type(error).__name__}: {error}"
            ) from error

    def _judged(self) -> list[Breach]:
        found = broken(self.record)
        if (
            self.engine.cut
        ):  # what it would still have done is not known: only what did happen counts
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
            lines = str(error).splitlines()
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
