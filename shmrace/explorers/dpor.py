"""Exhaustive exploration: source-DPOR with sleep sets.

Every trace class is run at least once.  After an execution each pair of dependent, unordered turns
is a *race*; at the turn before its first, some actor that begins the reversed order is added to be
tried (a source set).  A *sleep set* keeps what was tried already from being tried again until
something dependent happens.  Source: Abdulla, Aronsis, Jonsson, Sagonas, "Optimal Dynamic Partial
Order Reduction", POPL'14, algorithm 1.  Departures: races are looked for after the execution, not
during it; what a turn touches is taken from its outcome; what need not happen (faults) and what
cannot (locks waited for in vain) is checked for races at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shmrace.dependence import dependent
from shmrace.explorers.interface import Explorer, Nondeterministic, Point
from shmrace.happens_before import Touched, conflicting, enter, ordered_past
from shmrace.trace import Turn


@dataclass
class _Node:
    """A state on the way of the present execution."""

    parties: tuple[str, ...]  # who could go on here, in the order they were listed
    labels: tuple[str, ...]
    sleep: dict[str, Turn]  # tried before, and nothing dependent has happened since
    chosen: str
    backtrack: list[str] = field(default_factory=list)
    done: dict[str, Turn] = field(default_factory=dict)


class Dpor(Explorer):
    """Complete once `begin` says that nothing is left."""

    name = "dpor"

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self._nodes: list[_Node] = []
        self._started = False
        self._exhausted = False
        self.blocked = 0  # executions given up because all of it was seen elsewhere

    def begin(self) -> bool:
        if not self._started:
            self._started = True
            return True
        while self._nodes:
            node = self._nodes[-1]
            waiting = [one for one in node.backtrack if one not in node.done]
            waiting = [one for one in waiting if one not in node.sleep]
            if waiting:
                node.chosen = waiting[0]
                return True
            self._nodes.pop()
        self._exhausted = True
        return False

    @property
    def complete(self) -> bool:
        return self._exhausted

    def choose(self, point: Point) -> int | None:
        depth = len(point.happened)
        parties = tuple(choice.who for choice in point.choices)
        labels = tuple(str(choice) for choice in point.choices)
        if depth < len(self._nodes):
            node = self._nodes[depth]
            if node.labels != labels:
                raise Nondeterministic(depth, ", ".join(node.labels), ", ".join(labels))
            return parties.index(node.chosen)
        sleep = self._sleep_after(point.happened)
        awake = [one for one in parties if one not in sleep]
        if not awake:
            self.blocked += 1
            return None
        chosen = awake[0]
        self._nodes.append(_Node(parties, labels, sleep, chosen, [chosen]))
        return parties.index(chosen)

    def _sleep_after(self, happened: Sequence[Turn]) -> dict[str, Turn]:
        """What still sleeps after the last turn."""
        if not happened:
            return {}
        node, last = self._nodes[len(happened) - 1], happened[-1]
        asleep = {**node.sleep, **node.done}
        return {
            party: turn
            for party, turn in asleep.items()
            if party != node.chosen
            and party not in last.moved
            and not dependent(turn.accesses, last.accesses)
        }

    def finish(self, happened: Sequence[Turn], pending: Sequence[Turn]) -> None:
        past: list[int] = []
        last: dict[str, int] = {}
        touched: Touched = {}
        for index, turn in enumerate(happened):
            before, races = _races(turn, past, last, touched)
            for earlier in races:
                self._reverse(earlier, turn.actor, before, past, happened)
            past.append(before)
            enter(index, turn, last, touched)
        for turn in pending:
            before, races = _races(turn, past, last, touched)
            for earlier in races:
                self._reverse(earlier, turn.actor, before, past, happened)
            self._try_everywhere(turn, happened)
        for index, turn in enumerate(happened):
            self._nodes[index].done.setdefault(turn.actor, turn)

    def _try_everywhere(self, pending: Turn, happened: Sequence[Turn]) -> None:
        """What did not happen, and could have at more than one point (a fault that strikes before
        certain operations only), is tried at each turn that depends on it."""
        for node, turn in zip(self._nodes, happened, strict=False):
            party = pending.actor
            if party in node.parties and dependent(turn.accesses, pending.accesses):
                if party not in node.backtrack and party not in node.sleep:
                    node.backtrack.append(party)

    def _reverse(
        self, earlier: int, actor: str, before: int, past: list[int], happened: Sequence[Turn]
    ) -> None:
        """Let the order of a race be tried the other way round.

        What does not happen after the first turn of the race may come before the second one; who
        can begin that is an *initial*, and one of them suffices.
        """
        node = self._nodes[earlier]
        between = 0
        initials: list[str] = []
        for index in range(earlier + 1, len(past)):
            if past[index] >> earlier & 1:
                continue
            if not past[index] & between and happened[index].actor not in initials:
                initials.append(happened[index].actor)
            between |= 1 << index
        if not before & between and actor not in initials:
            initials.insert(0, actor)
        possible = [one for one in initials if one in node.parties]
        tried = set(node.backtrack) | set(node.sleep) | set(node.done)
        if any(one in tried for one in possible):
            return
        if possible:
            node.backtrack.append(actor if actor in possible else possible[0])
        else:  # who would begin it cannot be told: try everybody
            node.backtrack += [one for one in node.parties if one not in tried]


def _races(
    turn: Turn, past: list[int], last: dict[str, int], touched: Touched
) -> tuple[int, list[int]]:
    """The past of a turn, and the earlier turns with which it races: dependent, and ordered by
    nothing but this dependence."""
    before = ordered_past(turn.actor, turn.after, past, last)
    races = []
    for earlier in conflicting(turn, touched):
        if not before >> earlier & 1:
            races.append(earlier)
            before |= past[earlier] | 1 << earlier
    # What follows orders the turn too, but must not hide a race of its own operation: two takers of
    # a lock are ordered by its release, and others moved only because this turn let them.
    for earlier in (*turn.released_by, *(last[actor] for actor in turn.moved if actor in last)):
        before |= past[earlier] | 1 << earlier
    return before, races
