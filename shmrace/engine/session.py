"""A session: one fork server, and the executions that it runs one after another."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from math import inf
from types import TracebackType

from shmrace.engine.execution import Execution
from shmrace.engine.faults.rules import Fault
from shmrace.engine.inside import body
from shmrace.engine.processes.forkserver import ForkServer
from shmrace.errors import GateLost, UsageError
from shmrace.linux.process import one_core
from shmrace.scenario.base import Scenario

Chooser = Callable[[Execution], int | None]
"""Given an execution that is not finished: the index of a choice, or None to give it up."""


class Session:
    """Use it as a context manager.  Raises `GateError` where the machine refuses the gate."""

    def __init__(
        self, scenario: Scenario, faults: Sequence[Fault] = (), max_faults: int = 1,
        terminal: str = "",
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self.faults = tuple(faults)
        self.max_faults = max_faults
        self.impatient: frozenset[str] = frozenset()
        """The actors that give up polling after a number of rounds, as a search has learned."""
        self.tells_links = False
        """Does a stat depend on what changes the number of names, which it tells?"""
        self.until = inf
        """When its time is over, by `time.monotonic`: the execution under way ends then."""
        self.hangs = ""
        """The actor that was seen to hang: while that is repeated, its patience is shorter."""
        self._terminal = terminal
        self._server: ForkServer | None = None

    def __enter__(self) -> Session:
        if body.current_world is not None:
            raise UsageError("an actor cannot run a scenario itself: call this in the test")
        with one_core():
            self._server = ForkServer(self.scenario, self._terminal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._server is not None:
            self._server.close()

    @contextlib.contextmanager
    def execution(
        self, stacks: bool = False, fresh: bool = False, hurried: bool = True
    ) -> Iterator[Execution]:
        """An execution whose actors stand at their start, `fresh` in processes forked for it;
        what is left of it ends with the block.  If it is not `hurried`, sleeps in vain do not get
        longer, and it is not cut for them.  An error in the block ends the session, with all its
        processes; so does `OutOfTime`."""
        assert self._server is not None, "a session is entered before it is used"
        self._server.until = self.until
        found = Execution(
            self._server, self.faults, self.max_faults, stacks, fresh, hurried, self.impatient,
            self.tells_links, self.hangs,
        )  # fmt: skip
        try:
            with one_core(), self._server.shm.alone():
                found.begin()
                yield found
                found.close()
        except BaseException as error:
            lost = _lost(self._server, error)
            self._server.close()
            found.abandon()
            if lost:
                raise GateLost(lost) from error
            raise

    def run(
        self, choose: Chooser, stacks: bool = False, fresh: bool = False, hurried: bool = True
    ) -> Execution:
        """One execution, from its beginning until it is finished, given up, or cut."""
        with self.execution(stacks, fresh, hurried) as execution:
            while not execution.finished:
                index = choose(execution)
                if index is None:
                    execution.given_up = True
                    break
                execution.take(index)
        return execution


def _lost(server: ForkServer, error: BaseException) -> str:
    """Does an error follow from the end of a process of shmrace's own?  Nothing of what is read or
    written then is there any more, so that any line may have raised it."""
    if not isinstance(error, Exception) or isinstance(error, UsageError):
        return ""
    vanished = isinstance(error, (FileNotFoundError, ProcessLookupError))
    lost = server.lost(1.0 if isinstance(error, (AssertionError, LookupError, OSError)) else 0.0)
    if vanished and not lost:
        return f"no verdict: the process of an actor was ended from outside ({error})"
    return lost
