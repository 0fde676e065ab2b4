"""shmrace: a deterministic concurrency test harness for shared-memory lifecycle races.

A `Scenario` says what runs.  `explore` searches its schedules for one in which a rank misses a
segment, a segment is unlinked twice, or a segment is leaked.  `run` runs one schedule.  `begin`
begins an execution that is stepped by hand.
"""

from typing import TYPE_CHECKING, Any

from shmrace.errors import (
    ActorAssertion,
    Deadlock,
    DoubleUnlink,
    ForeignUnlink,
    GateError,
    HalfBornAttach,
    Hang,
    Inconclusive,
    InjectedFault,
    InvariantBroken,
    Leak,
    LeakedDescriptor,
    LeakedMapping,
    Livelock,
    MissingSegment,
    Nondeterminism,
    PeerDied,
    RaceFound,
    RankCrash,
    RankError,
    ShmraceError,
    StaleAttach,
    TrackerImbalance,
    TrackerUnlink,
    UsageError,
)
from shmrace.linux import unsupported
from shmrace.model.breach import Breach
from shmrace.model.returned import Returned
from shmrace.model.schedule import Order, Schedule, order
from shmrace.model.stack import Frame
from shmrace.model.verdict import Finding, Verdict, present_with
from shmrace.reports.formats.text import report
from shmrace.scenario.base import Child, Scenario, World, actor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

if TYPE_CHECKING or not unsupported.reason():
    from shmrace.api.explore import begin, explore, run
    from shmrace.api.process_reuse import keep_processes
    from shmrace.judgement.execution import Execution
else:
    from shmrace.linux.unsupported import Execution, begin, explore, keep_processes, run

__version__ = "0.1.0"

present_with(lambda verdict, findings: report(verdict, findings=findings))


def checkpoint(label: str) -> None:
    """A gate of your own, for code without a `world`.  Outside an actor it does nothing.

    `label` is its name in reports, and in the fault `raise`.
    """
    if unsupported.reason():
        return
    from shmrace.engine.inside import body

    if body.current_world is not None:
        body.current_world.checkpoint(label)


def schedules(faults: "Sequence[str]" = (), max_faults: int = 1) -> "SearchStrategy[Any]":
    """A Hypothesis strategy for schedules: see `shmrace.hypothesis.schedules`."""
    from shmrace import hypothesis

    return hypothesis.schedules(faults, max_faults)


__all__ = [
    "ActorAssertion", "Breach", "Child", "Deadlock", "DoubleUnlink", "Execution", "Finding",
    "ForeignUnlink", "Frame", "GateError", "HalfBornAttach", "Hang", "Inconclusive",
    "InjectedFault", "InvariantBroken", "Leak", "LeakedDescriptor", "LeakedMapping", "Livelock",
    "MissingSegment", "Nondeterminism", "Order", "PeerDied", "RaceFound", "RankCrash", "RankError",
    "Returned", "Scenario", "Schedule", "ShmraceError", "StaleAttach", "TrackerImbalance",
    "TrackerUnlink", "UsageError", "Verdict", "World", "actor", "begin", "checkpoint", "explore",
    "keep_processes", "order", "run", "schedules",
]  # fmt: skip
