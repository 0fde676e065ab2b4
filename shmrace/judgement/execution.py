"""An execution as its user sees it: stepped by hand, constrained, checked, reported."""

from __future__ import annotations

import fnmatch
import os
import traceback
from collections.abc import Callable, Iterator, Sequence

from shmrace.engine.execution import Execution as EngineExecution
from shmrace.errors import RACES, Inconclusive, UsageError
from shmrace.judgement.invariants import judge
from shmrace.model.schedule import Choice, Order, Schedule, selector
from shmrace.model.verdict import Finding, Verdict


class Execution(EngineExecution):
    """What `run` returns, what `begin` gives, and what `check` and `accept` are handed."""

    findings: tuple[Finding, ...] = ()  # set once it is finished
    verdict: Verdict | None = None
    _judged: list[Finding] | None = None

    # ------------------------------------------------------------------ by hand

    def advance(self, actor: str, until: str | None = None) -> None:
        """Let an actor go on until it stands before an operation (`until="attach"`), or to its
        end or until it has to wait.

        Raises `UsageError` if there is no such actor, or if it never comes there.
        """
        self._known(actor)
        while not self.finished:
            standing = self._standing(actor)
            if until is not None and standing is not None and _matches(standing, until):
                return
            if not self._can_go_on(actor):
                break
            self.step(actor)
        if until is not None:
            raise UsageError(f"{actor} does not come to {until!r} from here: {self._done(actor)}")

    def step(self, actor: str) -> None:
        """One operation of one actor.  Raises `UsageError` if it cannot go on now."""
        self._known(actor)
        for index, choice in enumerate(self.choices()):
            if choice.actor == actor and not choice.fault:
                self.take(index)
                return
        able = ", ".join(self.enabled) or "nobody"
        raise UsageError(f"{actor} cannot go on now; {able} can")

    def kill(self, actor: str) -> None:
        """SIGKILL an actor where it stands."""
        self._known(actor)
        found = self._population.find(actor)
        if found is None or found.ended:
            raise UsageError(f"{actor} has ended already")
        self._turn(found, Choice(actor, found.gate.operation if found.gate else "", "kill"))

    def unlink(self, name: str) -> None:
        """Unlink a segment's names from outside, as an administrator might: by its label, such as
        "seg0", or by one of its names.  Raises `UsageError` if there is none."""
        if self.finished:
            raise UsageError(f"this execution is over: {name!r} can be unlinked no more")
        for one, segment in self.ledger.linked():
            if name in (one, segment.label):
                self._turn(None, Choice(segment.subject, "unlink", "unlink"))
                return
        raise UsageError(f"nothing in /dev/shm is called {name!r}")

    def run_rest(self, order: Order | None = None, schedule: Schedule | None = None) -> None:
        """Go on to the end: by the schedule's remaining decisions, within the order."""
        given = schedule or Schedule()
        for text in order.operations if order is not None else ():
            actor, _, _ = selector(text)
            if "/" not in actor and actor not in self._may_exist():
                raise UsageError(f"{text!r} names no actor; there are: {self._names()}")
        while not self.finished:
            self.take(pick(self, given, order))
        if order is not None:
            unmet = order.unmet([(step.actor, step.operation) for step in self.trace])
            if unmet:
                actor, _, _ = selector(unmet[0])
                raise UsageError(
                    f"the order cannot be kept: {unmet[0]} never happened; {self._done(actor)}"
                )

    # ------------------------------------------------------------------ afterwards

    def check(self) -> Execution:
        """Raise the typed error of the first finding, or `Inconclusive`; return self."""
        if self.verdict is not None:
            self.verdict.check()
        elif self.findings:
            raise RACES[self.findings[0].kind](self.findings[0].first_line)
        elif self.recorded.ungated:
            raise Inconclusive(f"ungated-operation: {self.recorded.ungated[0]}")
        return self

    def judge(self) -> list[Finding]:
        """The findings of all invariants, the scenario's `check` included, which runs once."""
        if self._judged is None:
            self._judged = self._judge()
        return self._judged

    def unaccepted(self) -> list[Finding]:
        """The findings that the scenario does not tolerate."""
        return [finding for finding in self.judge() if not self.accepts(finding)]

    def _judge(self) -> list[Finding]:
        record = self.record
        found = judge(record)
        if self.cut:  # what it would still have done is not known: only what did happen counts
            found = [finding for finding in found if finding.step is not None]
        if not found and not self.cut and not self.given_up:
            found = list(self._own_check())
        return found

    def accepts(self, finding: Finding) -> bool:
        """Does the scenario tolerate it?  Raises `UsageError` if its `accept` raises."""
        try:
            return bool(self.scenario.accept(finding, self))
        except (Exception, SystemExit) as error:
            raise UsageError(
                f"accept of {type(self.scenario).__name__} raised {type(error).__name__}: {error}"
            ) from error

    def _own_check(self) -> Iterator[Finding]:
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
            yield Finding("invariant", text, cause=f"invariant {text}", detail="\n".join(lines[1:]))
        if returned is not None:
            raise UsageError(
                f"check of {type(self.scenario).__name__} returned {returned!r}: it has to assert"
            )

    def _known(self, actor: str) -> None:
        if self._population.find(actor) is None:
            raise UsageError(f"there is no actor {actor!r}; there are: {self._names()}")

    def _done(self, actor: str) -> str:
        """What an actor did so far, for one who has looked in vain for something else."""
        done = [step.operation for step in self.trace if step.actor == actor]
        standing = self._standing(actor)
        said = f"{actor} did {', '.join(dict.fromkeys(done)) or 'nothing'}"
        if standing is None or "exit" in done:
            return said
        return f"{said}, and stands before {standing}"

    def _names(self) -> str:
        return ", ".join(one.name for one in self.actors)

    def _may_exist(self) -> set[str]:
        """The actors, and the roles that one of them may spawn under their names."""
        return {one.name for one in self.actors} | set(dir(self.scenario))

    def _standing(self, actor: str) -> str | None:
        found = self._population.find(actor)
        return found.gate.operation if found is not None and found.gate is not None else None

    def _can_go_on(self, actor: str) -> bool:
        return any(one.actor == actor and not one.fault for one in self.choices())


def pick(execution: EngineExecution, schedule: Schedule, order: Order | None = None) -> int:
    """The index of the choice that a schedule decides for, among those an order allows."""
    choices = execution.choices()
    if order is None:
        return schedule.at(len(execution.decisions), len(choices)) if len(choices) > 1 else 0
    happened = [(step.actor, step.operation) for step in execution.trace]
    allowed = [index for index, one in enumerate(choices) if not order.blocks(one, happened)]
    if not allowed:
        raise UsageError(f"the order cannot be kept: {_why(public(execution), order, happened)}")
    return allowed[schedule.at(len(execution.decisions), len(allowed))]


def _why(execution: Execution, order: Order, happened: Sequence[tuple[str, str]]) -> str:
    """Why nobody is left whom an order lets go on."""
    blocked = next(choice for choice in execution.choices() if not choice.fault)
    before = order.unmet(happened)[0]
    actor, _, _ = selector(before)
    return (
        f"{blocked} has to wait for {before}, and nobody else can go on; {execution._done(actor)}"
    )


def by_schedule(schedule: Schedule) -> Callable[[EngineExecution], int]:
    """A chooser that follows a schedule."""
    return lambda execution: pick(execution, schedule)


def _matches(operation: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(operation, pattern)


def public(execution: EngineExecution) -> Execution:
    """The same, known to be what a session was asked to make."""
    assert isinstance(execution, Execution)
    return execution
