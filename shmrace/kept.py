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
from shmrace.scenario import Scenario, forked
from shmrace.verdict import Finding

_MOST = 4
"""Sessions kept at once: each is a process for each actor."""


StepSignature = tuple[str, str, str, str]
Play = Callable[[Session, bool, bool], Execution]
"""One execution in a session: with stacks or without, in fresh processes or in warm ones."""


class KeptSession:
    """A session with what is known about its warm processes."""

    def __init__(self, session: Session, depth: int) -> None:
        self.session = session
        self.depth = depth  # of the `keep_processes` within which it was opened
        self.busy = False
        self.remembers = False
        self._executions = 0
        self._confirmed: set[str] = set()  # causes
        self._next: dict[tuple[int, str], StepSignature] = {}  # by what happened before, and who

    def run(self, play: Play) -> Execution | None:
        """One execution in warm processes; None if they turn out to remember something.

        After the same steps an actor must take the same next one in every execution.  The first and
        every 50th is repeated in fresh processes, and so is one with a finding: the first of each
        cause, and the one that Hypothesis is going to report.
        """
        execution = play(self.session, False, False)
        self._executions += 1
        found = _first(execution)
        warm = execution.scenario.start == "warm"
        if (warm and execution.recorded.asks_for_liveness) or not self._agrees(execution):
            self.remembers = True
        elif found is not None and (_reported() or found.cause not in self._confirmed):
            execution = play(self.session, True, True)
            again = _first(execution)
            self.remembers = again is None or again.kind != found.kind
            self._confirmed.add(found.cause)
        elif found is None and warm and repeats.due(self._executions):
            again_trace = play(self.session, False, True).trace
            self.remembers = repeats.difference(execution.trace, again_trace) is not None
        return None if self.remembers else execution

    def _agrees(self, execution: Execution) -> bool:
        happened = 0
        for step in execution.trace:
            key = (happened, step.actor)
            if self._next.setdefault(key, step.signature) != step.signature:
                return False
            happened = hash((happened, step.signature))
        return True


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
    key = (type(scenario), repr(sorted(scenario.parameters().items())), tuple(faults), limit)
    if not _applies():
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
        fitting = forked(scenario) if key in _forked else scenario
        found = KeptSession(Session(fitting, faults, limit, Execution).__enter__(), _depth)
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


def _first(execution: Execution) -> Finding | None:
    """The first finding that the scenario does not accept."""
    return next((one for one in execution.judge() if not execution.accepts(one)), None)


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
