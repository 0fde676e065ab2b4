"""Lifecycles against transports: which strategy is right where, and what it costs.

Each pair is a scenario of its own, a `Handover`, and is searched like any other; a search goes on
after its findings, so that a cell tells all kinds there are.  Cells do not depend on each other:
several processes search them, each on a core of its own.
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

_PATIENCE = 20.0  # seconds for a worker to end what it has started


@dataclass(frozen=True)
class Cell:
    """What became of one lifecycle over one transport."""

    handover: Handover
    verdict: Verdict
    price: Price | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its findings, each once."""
        return tuple(sorted({finding.kind for finding in self.verdict.findings}))

    @property
    def preemptions(self) -> int | None:
        """Of the simplest failing schedule."""
        return min((finding.preemptions for finding in self.verdict.findings), default=None)

    @property
    def token(self) -> str:
        """Of the finding with the fewest preemptions."""
        found = sorted(self.verdict.findings, key=lambda one: (one.preemptions, one.first_line))
        return found[0].token if found else ""


Told = Callable[[int, int, Cell], None]
"""Called with how many cells are done, of how many, and the last one."""


@dataclass(frozen=True)
class Work:
    """One cell that is still to be searched."""

    handover: Handover
    options: SearchOptions = SearchOptions(
        budget=Budget(300.0), keep_going=True, detail=Detail.SHRUNK
    )
    priced: bool = True


def handovers(
    lifecycles: Sequence[str], transports: Sequence[str], ranks: int
) -> list[Handover]:  # fmt: skip
    """One for each pair; a transport may name its wire, as in relay/gloo.  Raises `UsageError`."""
    return [
        Handover(ranks=ranks, lifecycle=lifecycle, transport=transport, wire=wire)
        for lifecycle in lifecycles
        for transport, wire in (split(text) for text in transports)
    ]


def split(text: str) -> tuple[str, str]:
    """A transport and its wire: relay/gloo, or relay, which is simulated.  Raises `UsageError`."""
    transport, slash, wire = text.partition("/")
    if transport not in TRANSPORTS or (slash and wire not in WIRES):
        raise UsageError(
            f"there is no transport {text!r}; there are {', '.join(TRANSPORTS)}, each over a wire,"
            f" as in relay/gloo: {', '.join(WIRES)}"
        )
    return transport, wire or "simulated"


def cell(work: Work) -> Cell:
    """Search one cell."""
    verdict = Search(work.handover, work.options).run()
    return Cell(work.handover, verdict, price_of(work.handover) if work.priced else None)


def cells(works: Sequence[Work], jobs: int = 0, told: Told | None = None) -> list[Cell]:
    """Search all of them, in `jobs` processes (0: one for each core), and give them in order."""
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
    """Each cell when it is done.  The workers are given their work over pipes: a queue would share
    memory with what is explored.  Raises what a worker has raised."""
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
        raise GateError("a process that searched a cell was ended from outside") from None
    finally:
        for worker in workers:
            _end(worker)
        for link in links:
            link.close()


def _end(worker: ForkProcess) -> None:
    """Interrupt it, so that it ends what it has started, and wait for that."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker.pid or 0, signal.SIGINT)
    worker.join(_PATIENCE)
    worker.kill()
    worker.join()


def _serve(link: Connection, core: int, parent: int) -> None:
    """A worker: search one cell after the other, on one core, until it is interrupted."""
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
