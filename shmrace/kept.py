"""Sessions kept from one `run` to the next, so that a property test does not fork for each example.

Processes are forked from the test as it is at first use.  They may be used again only where the
test cannot have changed anything since that it does not say in the scenario: among the examples of
one Hypothesis test, for the same scenario class, parameters and faults.  `keep_processes` is the
time within which that is done; the pytest plugin opens it around each test.
"""

import contextlib
import sys
from collections.abc import Callable, Hashable, Iterator, Sequence

from shmrace import repeats
from shmrace.engine.faults import Fault
from shmrace.engine.session import Session
from shmrace.execution import Execution
from shmrace.scenario import Scenario
from shmrace.schedule import Schedule

_MOST = 4
"""Sessions kept at once: each is a process for each actor."""


Play = Callable[[Session, bool, bool], Execution]
"""One execution in a session: with stacks or without, in fresh processes or in warm ones."""


class KeptSession:
    """A session with what is known about its warm processes."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.busy = False
        self.remembers = False
        self._executions = 0
        self._confirmed: dict[Schedule, Execution] = {}

    def run(self, play: Play) -> Execution | None:
        """One execution in warm processes; None if they turn out to remember something.

        One with a finding is confirmed in fresh processes, and so are the first and every 50th.
        """
        execution = play(self.session, False, False)
        self._executions += 1
        kinds = _kinds(execution)
        if execution.recorded.asks_for_liveness:
            self.remembers = True
        elif kinds:
            again = self._confirmed.get(execution.schedule)
            if again is None:
                again = play(self.session, True, True)
                self._confirmed[execution.schedule] = again
            self.remembers = _kinds(again) != kinds
            execution = again
        elif repeats.due(self._executions):
            again = play(self.session, False, True)
            self.remembers = repeats.difference(execution.trace, again.trace) is not None
        return None if self.remembers else execution


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
        _depth -= 1
        if not _depth:
            _forked.clear()
            for key in list(_sessions):
                _discard(key)


@contextlib.contextmanager
def kept(scenario: Scenario, faults: Sequence[Fault], limit: int) -> Iterator[KeptSession | None]:
    """The kept session of a scenario; None where it must be forked anew."""
    key = (type(scenario), repr(sorted(scenario.parameters().items())), tuple(faults), limit)
    if scenario.start != "warm" or key in _forked or not _applies():
        yield None
        return
    found = _sessions.pop(key, None)
    if found is not None and found.busy:  # somebody else's execution is going on in it
        _sessions[key] = found
        yield None
        return
    if found is None:
        if len(_sessions) >= _MOST:
            _discard(next(iter(_sessions)))
        found = KeptSession(Session(scenario, faults, limit, Execution).__enter__())
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


def _applies() -> bool:
    hypothesis = sys.modules.get("hypothesis")
    return bool(_depth and hypothesis and hypothesis.currently_in_test_context())


def _kinds(execution: Execution) -> list[str]:
    """The kinds of what the scenario does not accept."""
    return [one.kind for one in execution.judge() if not execution.accepts(one)]


def _discard(key: Hashable) -> None:
    found = _sessions.pop(key, None)
    if found is not None:
        found.session.__exit__(None, None, None)
