"""Sessions kept from one `run` to the next, so that a property test does not fork for each example.

At the first example, the processes of the actors are forked from the test.  Later examples of the
same Hypothesis test use them again, if the scenario is in the same state.

These processes do not see what the test changes after the fork, such as a global.  shmrace checks
for this in three ways.  An actor must continue the same way after the same steps in every example.
The 2nd, 16th and every 50th example is repeated in newly forked processes.  So is every example
that is reported.  On a difference, each later example forks.

Sessions are kept within a block of `keep_processes`.  The pytest plugin opens one for each test.
"""

import contextlib
import sys
from collections.abc import Callable, Hashable, Iterator, Sequence

from shmrace.engine.faults.rules import Fault
from shmrace.engine.session import Session
from shmrace.errors import UsageError
from shmrace.judgement.execution import Execution
from shmrace.model.trace import visible
from shmrace.scenario.base import Scenario
from shmrace.scenario.fingerprint import State, state_of
from shmrace.search.repeats import difference

_MOST = 4
"""How many sessions are kept at once; each has one process for each actor."""

_REPEATED = frozenset({2, 16, *range(50, 100_000, 50)})
"""Numbers of the executions that are repeated; the second is the first one in reused processes."""

_FORKING = 2.0
"""How many seconds an example may take if it forks large processes."""

StepSignature = tuple[str, str, str, str]
Play = Callable[[Session, bool], Execution]
"""Runs one execution in a session; the flag says whether stacks are taken."""


class KeptSession:
    """A session, and whether its warm processes have kept state between executions."""

    def __init__(self, session: Session, state: State, depth: int) -> None:
        self.session = session
        self.state = state
        self.depth = depth  # the nesting depth of its `keep_processes`
        self.busy = False
        self.remembers = False
        self._executions = 0
        self._confirmed: set[str] = set()  # causes of findings
        self._next: dict[tuple[int, str], StepSignature] = {}  # (digest of the past, actor) -> step

    def run(self, play: Play) -> Execution | None:
        """One execution in the kept processes; None if they turn out to have kept state."""
        execution = play(self.session, False)
        self._executions += 1
        warm = self.session.scenario.start == "warm"
        if (warm and execution.engine.observations.real_ends) or not self._agrees(execution):
            self.remembers = True
            return None
        found = execution.unaccepted()
        if found and (_reported() or found[0].cause not in self._confirmed):
            self._confirmed.add(found[0].cause)
            execution = self._in_new_processes(play)
            again = execution.unaccepted()
            self.remembers = not again or again[0].race is not found[0].race
        elif not found and warm and self._executions in _REPEATED:
            self.remembers = _differs(execution, self._in_new_processes(play))
        return None if self.remembers else execution

    def _agrees(self, execution: Execution) -> bool:
        """Does each actor take the same next step after the same past as in earlier executions?"""
        happened = 0
        for step in visible(execution.trace):
            key = (happened, step.actor)
            if self._next.setdefault(key, step.signature) != step.signature:
                return False
            happened = hash((happened, step.signature))
        return True

    def _in_new_processes(self, play: Play) -> Execution:
        """The same execution in newly forked processes, with stacks."""
        session = self.session
        with Session(session.scenario, session.faults, session.max_faults) as own:
            return play(own, True)


_depth = 0
_sessions: dict[Hashable, KeptSession] = {}  # in the order of their last use
_forked: set[Hashable] = set()  # keys of scenarios that need a fork for each execution


@contextlib.contextmanager
def keep_processes() -> Iterator[None]:
    """A block in which `run` and `begin` reuse processes among a Hypothesis test's examples."""
    global _depth
    _depth += 1
    try:
        yield
    finally:
        for key, found in list(_sessions.items()):
            if found.depth == _depth:
                _discard(key)
        _forked.clear()
        _depth -= 1


@contextlib.contextmanager
def kept(scenario: Scenario, faults: Sequence[Fault], limit: int) -> Iterator[KeptSession | None]:
    """The kept session of a scenario, made if there is none; None if none can be used now.

    There is none outside Hypothesis tests, for a scenario that cannot be pickled, and while the
    session is busy.
    """
    state = state_of(scenario) if _applies() else None
    if state is None:
        yield None
        return
    key = (state.digest, tuple(faults), limit)
    found = _sessions.pop(key, None)
    if found is None and _make_room():
        started = scenario.replaced(start="fork") if key in _forked else scenario
        session = Session(started, faults, limit).__enter__()
        found = KeptSession(session, state, _depth)
    if found is None or found.busy:  # an execution is under way in it
        if found is not None:
            _sessions[key] = found
        yield None
        return
    _sessions[key] = found
    found.busy = True
    try:
        yield found
    except BaseException:
        _discard(key)
        raise
    finally:
        found.busy = False
    if found.remembers:
        _forked.add(key)
        _discard(key)


def _make_room() -> bool:
    """Make room for one more session: end the idle one that was used longest ago.

    False if all sessions are busy.
    """
    if len(_sessions) < _MOST:
        return True
    idle = [key for key, found in _sessions.items() if not found.busy]
    for key in idle[:1]:
        _discard(key)
    return bool(idle)


def _applies() -> bool:
    """Is this an example of a Hypothesis test, within a block of `keep_processes`?

    Raises `UsageError` if the test has a deadline that forking would miss.
    """
    hypothesis = sys.modules.get("hypothesis")
    if not _depth or hypothesis is None or not hypothesis.currently_in_test_context():
        return False
    deadline = hypothesis.settings.default.deadline
    if deadline is not None and deadline.total_seconds() < _FORKING:
        raise UsageError(
            f"this Hypothesis test has a deadline of {deadline.total_seconds():g} s, which forking"
            " processes misses now and then: give it @settings(deadline=None)"
        )
    return True


def _reported() -> bool:
    """Is this the example that Hypothesis shows to the user?  True if Hypothesis does not tell."""
    from hypothesis import control

    try:
        return bool(control.current_build_context().is_final)
    except AttributeError:
        return True


def _differs(execution: Execution, again: Execution) -> bool:
    return difference(execution.trace, again.trace) is not None


def _discard(key: Hashable) -> None:
    found = _sessions.pop(key, None)
    if found is not None:
        found.session.__exit__(None, None, None)
