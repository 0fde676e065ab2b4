"""Evidence: what the executions of a search have shown, on which its verdict rests."""

from collections import Counter
from dataclasses import dataclass, field

from shmrace.judgement.execution import Execution
from shmrace.model.assumptions import Assumption
from shmrace.model.happens_before import synchronised
from shmrace.model.objects import bytes_of
from shmrace.model.operations import SegmentKind
from shmrace.model.record import Record


@dataclass
class Evidence:
    """Counts and facts gathered from every execution so far."""

    executions: int = 0
    steps: int = 0
    classes: set[str] = field(default_factory=set)
    assumed: set[Assumption] = field(default_factory=set)
    ungated: list[str] = field(default_factory=list)  # seen by the witness alone
    refused: set[str] = field(default_factory=set)  # system calls past the gate, tried and refused
    opaque: set[str] = field(default_factory=set)  # calls that are not known, and whose
    accepted: Counter[str] = field(default_factory=Counter)
    interrupted: bool = False
    parts: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    struck: set[str] = field(default_factory=set)  # faults
    attached: bool = False
    unlinked: bool = False
    lived: bool = False
    died: bool = False

    def saw(self, execution: Execution, trace_class: str) -> None:
        """Add an execution that has ended, with what its engine observations."""
        self.add(execution.record, trace_class)
        observations = execution.engine.observations
        self.assumed |= observations.assumed
        self.ungated += observations.ungated
        self.refused |= set(observations.attempts)
        self.opaque |= observations.opaque

    def add(self, record: Record, trace_class: str) -> None:
        """Add an execution from its plain data alone."""
        self.executions += 1
        self.steps += len(record.trace)
        if trace_class:
            self.classes.add(trace_class)
        self.parts.update(record.parts)
        self.entered.update(record.entered)
        self.ended.update(record.ended)
        self.struck.update(map(str, record.faults))
        for segment in record.ledger.segments:
            self.lived = True
            self.attached |= bool(segment.attached)
            self.unlinked |= bool(segment.unlinked)
            self.died |= bool(segment.unlinked) or segment.kind is SegmentKind.MEMFD
        if _raced_on_bytes(record):
            self.assumed.add(Assumption.DATA_RACES)


def _raced_on_bytes(record: Record) -> bool:
    """Did an actor write bytes of a segment that another actor held, unordered with that actor?

    Only what the program enforces orders the two: messages, barriers, forks and locks.
    """
    known = synchronised(record.turns)
    for segment in record.ledger.segments:
        content = bytes_of(segment.subject)
        touched = [
            index
            for index, turn in enumerate(record.turns)
            if any(one == content for one, _ in turn.accesses)
        ]
        for writer, step in segment.wrote:
            turn = record.turn_of.get(step)
            if turn is None:
                continue  # a write in setup, which has no turn
            for other in touched:
                first, later = sorted((turn, other))
                if record.turns[other].actor != writer and not known[later] >> first & 1:
                    return True
    return False
