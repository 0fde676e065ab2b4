"""A session: one fork server, and the executions that it runs one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType

from shmrace.engine.execution import Execution
from shmrace.engine.faults import Fault
from shmrace.engine.forkserver import ForkServer
from shmrace.linux.process import one_core
from shmrace.scenario import Scenario

Chooser = Callable[[Execution], int | None]
"""Given an execution that is not finished: the index of a choice, or None to give it up."""


class Session:
    """Use it as a context manager.  Raises `GateError` where the machine refuses the gate."""

    def __init__(
        self, scenario: Scenario, faults: Sequence[Fault] = (), max_faults: int = 1,
        kind: type[Execution] = Execution,
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self._faults = tuple(faults)
        self._max_faults = max_faults
        self._kind = kind
        self._server: ForkServer | None = None
        self._core = one_core()

    def __enter__(self) -> Session:
        self._core.__enter__()
        try:
            self._server = ForkServer(self.scenario)
        except BaseException:
            self._core.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            if self._server is not None:
                self._server.close()
        finally:
            self._core.__exit__(kind, error, traceback)

    def begin(self, stacks: bool = False, fresh: bool = False) -> Execution:
        """An execution whose actors stand at their start; `close` it.  `fresh`: in processes forked
        for it alone."""
        assert self._server is not None, "a session is entered before it is used"
        execution = self._kind(self._server, self._faults, self._max_faults, stacks, fresh)
        try:
            execution.begin()
        except BaseException:
            self._server.close()
            raise
        return execution

    def run(self, choose: Chooser, stacks: bool = False, fresh: bool = False) -> Execution:
        """One execution, from its beginning until it is finished, given up, or cut."""
        execution = self.begin(stacks, fresh)
        try:
            while not execution.finished:
                index = choose(execution)
                if index is None:
                    execution.given_up = True
                    break
                execution.take(index)
        finally:
            execution.close()
        return execution
