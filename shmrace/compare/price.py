"""The price of a handover, counted in one execution without preemptions.  It is not a timing.

Copied bytes are counted in two places: where PyTorch's dispatcher copies a tensor, and where the
wire carries a message.  Segments and system calls are counted in the ledger and the trace.  A
timing would say more about the machine than about the strategy.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from shmrace.compare.handover import Handover
from shmrace.compare.transports.wire import Members, Wire
from shmrace.engine.choosers import by_schedule
from shmrace.engine.session import Session
from shmrace.judgement.execution import Execution
from shmrace.model.operations import PRIMITIVES
from shmrace.model.schedule import Schedule
from shmrace.scenario.base import World

_COPIES = ("aten::clone", "aten::copy_", "aten::_to_copy")
_NO_CALLS = PRIMITIVES | {"exit"}


@dataclass(frozen=True)
class Price:
    """The price of handing one payload over to all ranks."""

    payload: int  # bytes of the tensor
    bytes_copied: int  # by all processes, messages included
    segments_at_once: int  # the most that existed at the same time
    system_calls: int  # on segments and their names


class Priced(Handover):
    """A handover whose actors count the bytes that they copy."""

    def sender(self, world: World) -> int:
        with _counted(self) as counter:
            super().sender(world)
        return counter.copied

    def rank(self, world: World) -> Any:
        with _counted(self) as counter:
            super().rank(world)
        return counter.copied

    def check(self, execution: Any) -> None:
        """Nothing to check: the actors return counts."""


def price_of(handover: Handover) -> Price | None:
    """The price over the simulated wire; None if the execution without preemptions fails."""
    _warm_up()
    priced = Priced(
        ranks=handover.ranks, lifecycle=handover.lifecycle, transport=handover.transport,
        shape=(64, 64),
    )  # fmt: skip
    with Session(priced) as session:
        execution = Execution(session.run(by_schedule(Schedule())))
    if execution.breaches():
        return None
    steps = [
        step
        for step in execution.trace
        if (step.segment is not None or step.name is not None) and step.operation not in _NO_CALLS
    ]
    return Price(
        4 * 64 * 64, sum(execution.results.values()), _most_at_once(execution), len(steps)
    )  # fmt: skip


@functools.cache
def _warm_up() -> None:
    """Make PyTorch import, once, what a dispatch mode needs.  In actors this would take seconds."""
    with _Counter():
        torch.ones(1).clone()


def _most_at_once(execution: Execution) -> int:
    """The most segments that exist at the same time.  One without a name exists to the end."""
    found = 0
    segments = execution.ledger.segments
    for step in execution.trace:
        alive = [
            one
            for one in segments
            if one.created <= step.index
            and not (one.unlinked and max(at for _, at in one.unlinked) <= step.index)
        ]
        found = max(found, len(alive))
    return found


class _Counter(TorchDispatchMode):  # type: ignore[misc]
    """Counts the bytes that PyTorch copies and that the wire carries."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """False.  With True, PyTorch would import its compiler, which takes seconds per process."""
        return False

    def __init__(self) -> None:
        super().__init__()
        self.copied = 0

    def __torch_dispatch__(
        self, function: Any, types: Any, arguments: Any = (), keywords: Any = None
    ) -> Any:
        result = function(*arguments, **(keywords or {}))
        if function.name().partition(".")[0] in _COPIES:
            self.copied += result.numel() * result.element_size()
        return result


class _CountingWire:
    """A wire that counts the bytes that this process sends and receives."""

    def __init__(self, wire: Wire, counter: _Counter) -> None:
        self._wire = wire
        self._counter = counter

    def send(self, to: str, content: bytes) -> None:
        self._counter.copied += len(content)
        self._wire.send(to, content)

    def receive(self, source: str) -> bytes:
        return self._taken(self._wire.receive(source))

    def broadcast(self, group: Members, content: bytes | None) -> bytes:
        return self._taken(self._wire.broadcast(group, content))

    def barrier(self, group: Members) -> None:
        self._wire.barrier(group)

    def _taken(self, content: bytes) -> bytes:
        self._counter.copied += len(content)
        return content


@contextmanager
def _counted(handover: Handover) -> Iterator[_Counter]:
    counter, wire = _Counter(), handover.link
    handover.link = _CountingWire(wire, counter)
    shares = {name: getattr(torch.UntypedStorage, name) for name in _SHARING}
    for name, share in shares.items():
        setattr(torch.UntypedStorage, name, _counting(share, counter))
    try:
        with counter:
            yield counter
    finally:
        handover.link = wire
        for name, share in shares.items():
            setattr(torch.UntypedStorage, name, share)


_SHARING = ("_share_filename_cpu_", "_share_fd_cpu_")
"""The methods by which PyTorch copies a tensor's bytes into a segment."""


def _counting(share: Any, counter: _Counter) -> Any:
    def counted(storage: Any, *arguments: Any, **keywords: Any) -> Any:
        if not storage.is_shared():
            counter.copied += storage.nbytes()
        return share(storage, *arguments, **keywords)

    return counted
