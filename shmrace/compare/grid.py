"""A table of lifecycles and transports: whether each strategy is correct over each transport.

Each cell is a scenario, a `Handover`, and is searched like any other scenario.  The search
continues after its first finding, so that the cell shows all kinds of finding.  Cells are
independent: several worker processes search them, each on its own core.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from shmrace.compare.handover import Handover
from shmrace.compare.price import Price, price_of
from shmrace.compare.transports import TRANSPORTS, WIRES
from shmrace.engine.processes.before_fork import FORK_PREPARATION
from shmrace.errors import GateError, UsageError
from shmrace.linux import process
from shmrace.model.verdict import Verdict
from shmrace.search.budget import Budget
from shmrace.search.options import Detail, SearchOptions
from shmrace.search.search import Search

_PATIENCE = 20.0  # seconds in which an interrupted worker must end


@dataclass(frozen=True)
class Cell:
    """The result of one lifecycle over one transport."""

    handover: Handover
    verdict: Verdict
    price: Price | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its findings, each once, sorted."""
        return tuple(sorted({finding.kind for finding in self.verdict.findings}))

    @property
    def preemptions(self) -> int | None:
        """The preemptions of the simplest failing schedule; None if none fails."""
        return min((finding.preemptions for finding in self.verdict.findings), default=None)

    @property
    def token(self) -> str:
        """The token of the finding with the fewest preemptions; empty if there is none."""
        found = sorted(self.verdict.findings, key=lambda one: (one.preemptions, one.first_line))
        return found[0].token if found else ""


Told = Callable[[int, int, Cell], None]
"""Called after each cell with (cells done, all cells, this cell)."""


@dataclass(frozen=True)
class Work:
    """A cell to search."""

    handover: Handover
    options: SearchOptions = SearchOptions(
        budget=Budget(300.0), keep_going=True, detail=Detail.SHRUNK
    )
    priced: bool = True


def handovers(
    lifecycles: Sequence[str], transports: Sequence[str], ranks: int
) -> list[Handover]:  # fmt: skip
    """A handover for each lifecycle and transport; a transport may name its wire, as in relay/gloo.

    Raises `UsageError` for an unknown name.
    """
    return [
        Handover(ranks=ranks, lifecycle=lifecycle, transport=transport, wire=wire)
        for lifecycle in lifecycles
        for transport, wire in (split(text) for text in transports)
    ]


def split(text: str) -> tuple[str, str]:
    """(transport, wire) of "relay/gloo", or of "relay", whose wire is simulated.

    Raises `UsageError` for an unknown name.
    """
    transport, slash, wire = text.partition("/")
    if transport not in TRANSPORTS or (slash and wire not in WIRES):
        raise UsageError(
            f"there is no transport {text!r}; there are {', '.join(TRANSPORTS)}, each over a wire"
            f" ({', '.join(WIRES)}), as in relay/gloo"
        )
    return transport, wire or "simulated"


def cell(work: Work) -> Cell:
    """Search one cell, and count its price."""
    verdict = Search(work.handover, work.options).run()
    return Cell(work.handover, verdict, price_of(work.handover) if work.priced else None)


def cells(works: Sequence[Work], jobs: int = 0, told: Told | None = None) -> list[Cell]:
    """Search all cells in `jobs` processes, and return them in order.

    0 means one process for each core.  Raises `GateError` if a worker was killed.
    """
    tell = told or (lambda done, total, cell: None)
    cores = sorted(os.sched_getaffinity(0))[: min(jobs or len(works), len(works))]
    found: dict[int, Cell] = {}
    for place, made in _alone(works) if len(cores) <= 1 else _by_workers(works, cores):
        found[place] = made
        tell(len(found), len(works), made)
    return [found[place] for place in range(len(works))]


def _alone(works: Sequence[Work]) -> Iterator[tuple[int, Cell]]:
    for place, work in enumerate(works):
        yield place, cell(work)


def _by_workers(works: Sequence[Work], cores: Sequence[int]) -> Iterator[tuple[int, Cell]]:
    """Yield (place, cell) as the cells are done.

    Workers get their work over pipes, because a queue would share memory with the explored code.
    Raises the exception of a worker, and `GateError` if a worker was killed.
    """
    context = get_context("fork")
    FORK_PREPARATION.prepare()
    waiting = list(enumerate(works))[::-1]
    workers = []
    links: list[Connection] = []
    try:
        for core in cores:
            here, there = context.Pipe()
            workers.append(context.Process(target=_serve, args=(there, core, os.getpid())))
            workers[-1].start()
            there.close()
            links.append(here)
            here.send(waiting.pop())
        busy = len(links)
        while busy:
            for link in wait(links):
                assert isinstance(link, Connection)
                place, made = link.recv()
                if isinstance(made, BaseException):
                    raise made
                yield place, made
                if waiting:
                    link.send(waiting.pop())
                else:
                    busy -= 1
    except EOFError:
        raise GateError("a worker process was killed from outside") from None
    finally:
        for worker in workers:
            _end(worker)
        for link in links:
            link.close()


def _end(worker: ForkProcess) -> None:
    """Interrupt a worker, and wait until it has ended its own processes and itself."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker.pid or 0, signal.SIGINT)
    worker.join(_PATIENCE)
    worker.kill()
    worker.join()


def _serve(link: Connection, core: int, parent: int) -> None:
    """The worker: search one cell after the other on one core, until it is interrupted."""
    process.end_with_parent(parent)
    os.sched_setaffinity(0, {core})
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            place, work = link.recv()
            try:
                made: Cell | BaseException = cell(work)
            except Exception as error:
                made = error
            link.send((place, made))
