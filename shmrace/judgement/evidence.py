"""Evidence: what the executions of a search have shown, on which its verdict rests."""

from collections import Counter
from dataclasses import dataclass, field

from shmrace.judgement.execution import Execution
from shmrace.model.assumptions import Assumption
from shmrace.model.byte_races import ByteRace, byte_race
from shmrace.model.operations import SegmentKind
from shmrace.model.record import Record
from shmrace.model.schedule import Schedule


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
    spared: bool = False  # a fault that could have struck who waits in vain was not tried
    interrupted: bool = False
    cut_after: int | None = None  # turns of the execution that the end of the time cut off
    raced_in: Schedule | None = None  # a schedule with a data race: the first
    data_race: str = ""  # what races there, and where
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
        race = self.add(execution.record, trace_class)
        if race is not None and self.raced_in is None:
            self.raced_in, self.data_race = execution.schedule, race.told(execution.record)
        observations = execution.engine.observations
        self.assumed |= observations.assumed
        self.ungated += observations.ungated
        self.refused |= set(observations.attempts)
        self.opaque |= observations.opaque
        self.spared |= observations.spared

    def add(self, record: Record, trace_class: str) -> ByteRace | None:
        """Add an execution from its plain data alone; its data race, if it has one."""
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
        race = byte_race(record)
        if race is not None:
            self.assumed.add(Assumption.DATA_RACES)
        return race
