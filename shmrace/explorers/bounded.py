"""Bounded search: every schedule within so many preemptions or delays.

A *preemption* lets another actor go on although the one that moved last could; a *delay* passes
over one actor of the list of those that could.  Most bugs need few of either.  Sources: Musuvathi
and Qadeer, "Iterative Context Bounding", PLDI'07; Emmi, Qadeer, Rakamaric, "Delay-Bounded
Scheduling", POPL'11.  It is plain enumeration: reduction under a bound loses schedules unless it
backtracks conservatively (Coons, Musuvathi, McKinley, OOPSLA'13).  Faults cost nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shmrace.explorers.interface import Explorer, Nondeterministic, Point
from shmrace.model.schedule import Choice
from shmrace.model.trace import Turn


@dataclass(slots=True)
class _Node:
    """A state on the way of the present execution."""

    choices: list[Choice]
    last: str  # who moved before
    preemptions: int  # spent before
    delays: int
    chosen: int = 0


class Bounded(Explorer):
    """Never complete: what lies beyond the bounds was not run.  None bounds nothing."""

    name = "bounded"
    uses_bounds = True

    def __init__(
        self, seed: int = 0, preemptions: int | None = 2, delays: int | None = None
    ) -> None:
        super().__init__(seed)
        self._preemptions = preemptions
        self._delays = delays
        self._nodes: list[_Node] = []
        self._started = False
        self._exhausted = False

    @property
    def covered(self) -> str:
        limits = [
            f"{number} {what if number == 1 else what + 's'}"
            for what, number in (("preemption", self._preemptions), ("delay", self._delays))
            if number is not None
        ]
        if not self._exhausted:
            return ""
        return f"every schedule with at most {' and '.join(limits)}" if limits else "every schedule"

    def begin(self) -> bool:
        if not self._started:
            self._started = True
            return True
        while self._nodes:
            node = self._nodes[-1]
            for index in range(node.chosen + 1, len(node.choices)):
                if self._affordable(node, index):
                    node.chosen = index
                    return True
            self._nodes.pop()
        self._exhausted = True
        return False

    def choose(self, point: Point) -> int:
        depth = len(point.happened)
        choices = list(point.choices)
        if depth < len(self._nodes):
            node = self._nodes[depth]
            if node.choices != choices:
                expected, seen = (", ".join(map(str, one)) for one in (node.choices, choices))
                raise Nondeterministic(depth, expected, seen)
            return node.chosen
        last, preemptions, delays = "", 0, 0
        if depth:
            before = self._nodes[-1]
            last = before.choices[before.chosen].actor
            preemptions, delays = self._spent(before, before.chosen)
        self._nodes.append(_Node(choices, last, preemptions, delays))
        return 0

    def finish(self, happened: Sequence[Turn], pending: Sequence[Turn]) -> None:
        if len(happened) < len(self._nodes):
            planned = ", ".join(map(str, self._nodes[len(happened)].choices))
            raise Nondeterministic(len(happened), planned, "the end of the execution")

    def _affordable(self, node: _Node, index: int) -> bool:
        preemptions, delays = self._spent(node, index)
        if self._preemptions is not None and preemptions > self._preemptions:
            return False
        return self._delays is None or delays <= self._delays

    def _spent(self, node: _Node, index: int) -> tuple[int, int]:
        """The preemptions and delays up to and including a choice."""
        choice = node.choices[index]
        if choice.fault:
            return node.preemptions, node.delays
        able = {one.actor for one in node.choices if not one.fault}
        preempts = node.last in able and choice.actor != node.last
        return node.preemptions + preempts, node.delays + index
