"""Sessions kept from one `run` to the next, so that a property test does not fork for each example.

Processes are forked from the test as it is at first use.  They are used again among the examples of
one Hypothesis test, for a scenario in the same state.  What else the test changes from one example
to the next (a global, say) they cannot know: so some examples, and whatever is found, are run once
more in processes forked from the test as it is then.  `keep_processes` is the time within which
sessions are kept; the pytest plugin opens it around each test.
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
"""Sessions kept at once: each is a process for each actor."""

_REPEATED = frozenset({2, 16, *range(50, 100_000, 50)})
"""The executions that are repeated: the second is the first one in used processes."""

_FORKING = 2.0
"""Seconds that an example may take which forks, and what it forks is large."""

StepSignature = tuple[str, str, str, str]
Play = Callable[[Session, bool], Execution]
"""One execution in a session, with stacks or without."""


class KeptSession:
    """A session with what is known about its warm processes."""

    def __init__(self, session: Session, state: State, depth: int) -> None:
        self.session = session
        self.state = state
        self.depth = depth  # of the `keep_processes` within which it was opened
        self.busy = False
        self.remembers = False
        self._executions = 0
        self._confirmed: set[str] = set()  # causes
        self._next: dict[tuple[int, str], StepSignature] = {}  # by what happened before, and who

    def run(self, play: Play) -> Execution | None:
        """One execution in warm processes; None if they turn out to remember something."""
        execution = play(self.session, False)
        self._executions += 1
        warm = self.session.scenario.start == "warm"
        if (warm and execution.engine.recorded.real_ends) or not self._agrees(execution):
            self.remembers = True
            return None
        found = execution.unaccepted()
        if found and (_reported() or found[0].cause not in self._confirmed):
            self._confirmed.add(found[0].cause)
            execution = self._anew(play)
            again = execution.unaccepted()
            self.remembers = not again or again[0].race is not found[0].race
        elif not found and warm and self._executions in _REPEATED:
            self.remembers = difference(execution.trace, self._anew(play).trace) is not None
        return None if self.remembers else execution

    def _agrees(self, execution: Execution) -> bool:
        """After the same steps an actor must take the same next one in every execution."""
        happened = 0
        for step in visible(execution.trace):
            key = (happened, step.actor)
            if self._next.setdefault(key, step.signature) != step.signature:
                return False
            happened = hash((happened, step.signature))
        return True

    def _anew(self, play: Play) -> Execution:
        """Once more, with stacks, in processes forked from the test as it is now."""
        session = self.session
        with Session(session.scenario, session.faults, session.max_faults) as own:
            return play(own, True)


_depth = 0
_sessions: dict[Hashable, KeptSession] = {}  # the one used last stands last
_forked: set[Hashable] = set()


@contextlib.contextmanager
def keep_processes() -> Iterator[None]:
    """Within it `run` and `begin` keep the processes of a Hypothesis test's examples."""
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
    """The kept session of a scenario; None where it must be forked anew."""
    state = state_of(scenario) if _applies() else None
    if state is None:
        yield None
        return
    key = (state.digest, tuple(faults), limit)
    found = _sessions.pop(key, None)
    if found is None and _make_room():
        fitting = scenario.replaced(start="fork") if key in _forked else scenario
        session = Session(fitting, faults, limit).__enter__()
        found = KeptSession(session, state, _depth)
    if found is None or found.busy:  # somebody else's execution is going on in it
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
    """Is there room for one more?  The one used longest ago goes, if it is at rest."""
    if len(_sessions) < _MOST:
        return True
    idle = [key for key, found in _sessions.items() if not found.busy]
    for key in idle[:1]:
        _discard(key)
    return bool(idle)


def _applies() -> bool:
    """Is this an example of a Hypothesis test whose end is known?"""
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
    """Is this the example that Hypothesis shows to its user?  If it does not tell, it may be."""
    from hypothesis import control

    try:
        return bool(control.current_build_context().is_final)
    except AttributeError:
        return True


def _discard(key: Hashable) -> None:
    found = _sessions.pop(key, None)
    if found is not None:
        found.session.__exit__(None, None, None)
