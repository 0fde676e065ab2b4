"""Two small programs in a simulated memory, to measure explorers alone.

*readers*: one thread writes a variable that the others read.  *lastzero*: one thread looks for the
last zero of an array that the others fill, each from its left neighbour.  Both programs are in the
test suites of GenMC, Nidhugg and Concuerror.  Turns are made in advance, so that the measured time
is that of the explorer.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from shmrace.explorers.interface import Explorer, Point
from shmrace.model.objects import Mode, name_of
from shmrace.model.schedule import Choice
from shmrace.model.trace import Turn


@dataclass(frozen=True, slots=True)
class _Step:
    variable: int
    writes: bool
    searches: bool  # is this the last step of its thread if it reads 0?
    choice: Choice
    turn: Turn


Program = Sequence[Sequence[_Step]]
_NUMBER = itemgetter(0)


def readers(count: int) -> Program:
    """2^count trace classes."""
    return [[_step(0, 0, writes=True)], *[[_step(nth + 1, 0)] for nth in range(count)]]


def lastzero(count: int) -> Program:
    """(count + 3) * 2^(count - 2) trace classes."""
    searcher = [_step(0, place, searches=True) for place in range(count, -1, -1)]
    fillers = [
        [_step(place, place - 1), _step(place, place, writes=True)] for place in range(1, count + 1)
    ]
    return [searcher, *fillers]


def execute(program: Program, explorer: Explorer) -> bool:
    """Run the program once; False if the explorer gave the execution up."""
    memory: set[int] = set()  # the variables that are not 0
    places = [0] * len(program)
    waiting = [(number, thread[0]) for number, thread in enumerate(program)]
    happened: list[Turn] = []
    complete = True
    while waiting:
        index = explorer.choose(Point([step.choice for _, step in waiting], happened))
        if index is None:
            complete = False
            break
        number, step = waiting.pop(index)
        happened.append(step.turn)
        if step.writes:
            memory.add(step.variable)
        places[number] += 1
        found = step.searches and step.variable not in memory
        if index:  # the thread that moved last was first, out of order
            waiting.sort(key=_NUMBER)
        if places[number] < len(program[number]) and not found:
            waiting.insert(0, (number, program[number][places[number]]))
    explorer.finish(happened, ())
    return complete


def rate(kind: type[Explorer], program: Program, seconds: float) -> float:
    """Complete executions per second; a search that ends is started again."""
    count = 0
    explorer = kind(0)
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        if explorer.begin():
            count += execute(program, explorer)
        else:
            explorer = kind(0)
    return count / (time.perf_counter() - started)


def _step(thread: int, variable: int, writes: bool = False, searches: bool = False) -> _Step:
    actor = f"t{thread}"
    operation = f"{'write' if writes else 'read'} {variable}"
    accesses = frozenset({(name_of(f"variable {variable}"), Mode.WRITE if writes else Mode.READ)})
    turn = Turn(actor, operation, accesses, signature=((actor, operation, "ok", ""),))
    return _Step(variable, writes, searches, Choice(actor, operation), turn)
