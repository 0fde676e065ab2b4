"""Data races on the bytes of segments: two actors, one of whom writes, in no enforced order.

A system call on a segment is a gate, so its order with the calls of others is explored.  A load or
a store through a mapping is none.  It lies behind the call that its step begins with, and before
the actor's next call.  So a call that lets another actor go on (a send, an unlock, a fork) orders
only what came before it: what its actor stores between this call and the next one may come before
or after what the other does.  Source: FastTrack, Flanagan and Freund, PLDI'09, whose release is
such a call.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shmrace.model.ledger import Segment
from shmrace.model.objects import bytes_of
from shmrace.model.operations import Operation
from shmrace.model.record import Record
from shmrace.model.trace import Step


@dataclass(frozen=True)
class ByteRace:
    """A write to a segment, and a use of it by another actor, that nothing orders."""

    segment: str  # its label
    writer: str
    written: int  # the step
    stored: bool  # may it be a store behind that step's call?
    other: str
    used: int  # the step
    loaded: bool  # may it be a load or a store behind that step's call?

    def told(self, record: Record) -> str:
        """A clause that says who writes and who uses what, and where."""
        wrote = _at(record, self.written, self.stored)
        used = _at(record, self.used, self.loaded)
        uses = "has it mapped" if self.loaded else "uses it"
        return (
            f"{self.writer} writes {self.segment} {wrote}, {self.other} {uses} {used},"
            " and nothing that shmrace knows of orders the two"
        )


def byte_race(record: Record) -> ByteRace | None:
    """The first data race of an execution of which a load or a store is a part; None without one.

    Whoever has the segment mapped may load in each of its steps.  Two uses by system calls are no
    data race: both orders are explored.  What setup did comes before everything else.
    """
    order = None
    for segment in record.ledger.segments:
        uses = _uses(segment, record)
        if len(uses) < 2:
            continue
        in_memory = {step for _, step in segment.in_memory}
        for writer, written in segment.wrote:
            if written not in record.turn_of:
                continue
            for other in sorted(uses.keys() - {writer}):
                steps = uses[other]
                if written not in in_memory:
                    steps = [step for step in steps if step in in_memory]
                for used in _nearest(steps, written):
                    order = order or _Order(record)
                    first, later = sorted((used, written))
                    if not order.holds(first, later, first in in_memory):
                        return ByteRace(
                            segment.label, writer, written, written in in_memory,
                            other, used, used in in_memory,
                        )  # fmt: skip
    return None


def _at(record: Record, step: int, in_memory: bool) -> str:
    operation = record.trace[step].operation
    return f"{'after' if in_memory else 'in'} its {operation}{record.where(step)}"


def _uses(segment: Segment, record: Record) -> dict[str, list[int]]:
    """For each actor the steps in which it used the bytes, or may have; empty if all are one's."""
    content = bytes_of(segment.subject)
    found: dict[str, list[int]] = {}
    if segment.wrote:
        for step in record.trace:
            if step.index in record.turn_of and any(one == content for one, _ in step.accesses):
                found.setdefault(step.actor, []).append(step.index)
    return found


def _nearest(steps: Sequence[int], written: int) -> Iterable[int]:
    """The last step before a write and the first one after it: those of one actor are in order."""
    before, after = bisect_left(steps, written), bisect_right(steps, written)
    return (*steps[max(before - 1, 0) : before], *steps[after : after + 1])


class _Order:
    """What the program enforces between the steps of one execution: program order, messages,
    barriers, births, ends and locks.  Sets of steps are integers with a bit for each step."""

    def __init__(self, record: Record) -> None:
        self._trace = record.trace
        self._called: list[int] = []  # for each step, the steps whose calls come before its call
        self._finished: list[int] = []  # ... and those of which what follows the call does too
        steps_of: dict[int, list[int]] = {}
        last: dict[str, int] = {}
        barriers = _next_barriers(record.trace)
        for step in record.trace:
            called = finished = 0
            if step.actor in last:  # it stands at its gate: what followed its last call is over
                called = finished = 1 << last[step.actor]
                called |= self._called[last[step.actor]]
                finished |= self._finished[last[step.actor]]
            turn = record.turn_of.get(step.index)
            decided = steps_of.get(turn, ()) if turn is not None else ()
            if decided:  # a wait that ended because of the turn's own step
                called |= self._called[decided[0]] | 1 << decided[0]
                finished |= self._finished[decided[0]]
            for earlier in _enabling(step, turn, not decided, record):
                for index in steps_of.get(earlier, ()):
                    called |= self._called[index] | 1 << index
                    if barriers.get(index) == step.after and step.operation == Operation.BARRIER:
                        finished |= self._finished[index] | 1 << index
                finished |= self._finished[steps_of[earlier][0]] if earlier in steps_of else 0
            self._called.append(called)
            self._finished.append(finished)
            last[step.actor] = step.index
            if turn is not None:
                steps_of.setdefault(turn, []).append(step.index)

    def holds(self, first: int, later: int, in_memory: bool) -> bool:
        """Does the use in the first step come before the later one?  `in_memory` says that it may
        be a load or a store behind the call."""
        sets = self._finished if in_memory else self._called
        return bool(sets[later] >> first & 1)


def _enabling(step: Step, turn: int | None, decided: bool, record: Record) -> Iterable[int]:
    """The turns that let a step go on: its own, and where it was decided those of its turn."""
    if turn is None or not decided:
        return (*step.after, *step.told_by)
    whole = record.turns[turn]
    return (*whole.after, *whole.told_by, *whole.released_by)


def _next_barriers(trace: Sequence[Step]) -> dict[int, tuple[int, ...]]:
    """For each step before which an actor's next one is a barrier, the turns that enabled that."""
    found, last = {}, dict[str, int]()
    for step in trace:
        if step.operation == Operation.BARRIER and step.actor in last:
            found[last[step.actor]] = step.after
        last[step.actor] = step.index
    return found
