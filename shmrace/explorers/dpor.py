"""Exhaustive exploration: optimal DPOR with wakeup trees.

Every trace class is run once.  After an execution each pair of dependent, unordered turns is a
*race*; at the turn before its first, the sequence that reverses it is entered into the wakeup tree,
unless something that was tried there, and *sleeps* since, begins something equivalent.  Source:
Abdulla, Aronsis, Jonsson, Sagonas, "Source Sets: A Foundation for Optimal Dynamic Partial Order
Reduction", JACM 64(4), 2017, algorithm 2.  Departures: what a turn touches is taken from its
outcome; what need not happen (faults) and what cannot (locks waited for in vain) is checked for
races at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shmrace.explorers.footprint import Event
from shmrace.explorers.history import History
from shmrace.explorers.interface import Explorer, Nondeterministic, Point
from shmrace.explorers.wakeup_tree import Branch, insert
from shmrace.schedule import Choice
from shmrace.trace import Turn


@dataclass(slots=True)
class _Node:
    """A state on the way of the present execution."""

    choices: list[Choice]
    parties: list[str]  # who could go on here, in the order they were listed
    faults: frozenset[str]  # those of them that need not
    asleep: dict[str, Event]  # tried before, and nothing dependent has happened since
    strangers: set[str]  # those that sleep although the wakeup tree did not foresee it
    left: list[Branch]  # what is to be tried here yet
    chosen: int
    branch: Branch | None  # what is tried here now, if a race asked for it
    checked: set[str] = field(default_factory=set)  # faults tried against the chosen one


class Dpor(Explorer):
    """Complete once `begin` says that nothing is left."""

    name = "dpor"

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self._nodes: list[_Node] = []
        self._history = History()
        self._started = False
        self._exhausted = False
        self.surprises = 0
        self.blocked = 0  # executions given up because all of it was seen elsewhere

    @property
    def complete(self) -> bool:
        return self._exhausted

    def begin(self) -> bool:
        if not self._started:
            self._started = True
            return True
        nodes, events = self._nodes, self._history.events
        while nodes:
            node = nodes[-1]
            place = len(nodes) - 1
            node.asleep[node.parties[node.chosen]] = events[place]
            tried = node.branch
            if tried is not None and tried.leaning and tried.event.does != events[place].does:
                for sequence in tried.leaning:
                    self.surprises += 1
                    self._enter(node, sequence[:-1], sequence[-1])
            branch = self._next(node)
            if branch is not None:
                node.chosen = node.parties.index(branch.event.party)
                node.branch = branch
                node.checked.clear()
                self._history.cut(place)
                return True
            nodes.pop()
        self._exhausted = True
        return False

    def choose(self, point: Point) -> int | None:
        depth = len(point.happened)
        choices = list(point.choices)
        if depth < len(self._nodes):
            node = self._nodes[depth]
            if node.choices != choices:
                raise Nondeterministic(depth, _listed(node.choices), _listed(choices))
            return node.chosen
        parties = [choice.who for choice in choices]
        faults = frozenset(choice.who for choice in choices if choice.fault)
        node = _Node(choices, parties, faults, {}, set(), [], -1, None)
        if depth:
            before = self._nodes[depth - 1]
            node.asleep = self._asleep_after(before, point.happened[-1])
            node.strangers = {one for one in before.strangers if one in node.asleep}
            if before.branch is not None:
                node.left = before.branch.children
        node.branch = self._next(node)
        if node.branch is not None:
            node.chosen = parties.index(node.branch.event.party)
        else:
            node.strangers = set(node.asleep)
            node.chosen = _first_awake(parties, node.asleep)
        if node.chosen < 0:
            self.blocked += 1
            return None
        self._nodes.append(node)
        return node.chosen

    def _next(self, node: _Node) -> Branch | None:
        """Take out the first branch that can be run."""
        while node.left:
            branch = node.left.pop(0)
            if branch.event.party not in node.parties:
                node.strangers = set(node.asleep)
            elif branch.event.party not in node.asleep:
                return branch
        return None

    def _asleep_after(self, node: _Node, turn: Turn) -> dict[str, Event]:
        """What still sleeps after the turn that was chosen at a node."""
        event = self._history.note(turn)
        return {
            party: other for party, other in node.asleep.items() if not event.minds & other.does
        }

    def finish(self, happened: Sequence[Turn], pending: Sequence[Turn]) -> None:
        for earlier, later in self._history.settle(happened):
            self._reverse(earlier, self._history.events[later])
        for turn in pending:
            event, races = self._history.pending(turn)
            for earlier in races:
                self._reverse(earlier, event)

    def _reverse(self, earlier: int, last: Event) -> None:
        """Let the order of a race be tried the other way round."""
        events, past = self._history.events, self._history.past
        sequence = [
            events[place]
            for place in range(earlier + 1, len(past))
            if not past[place] >> earlier & 1
        ]
        self._enter(self._nodes[earlier], sequence, last)

    def _enter(self, node: _Node, sequence: Sequence[Event], last: Event) -> None:
        """Let a sequence be tried, unless something that sleeps begins something equivalent."""
        asleep = node.asleep
        done = 0
        for event in sequence:
            if not event.minds & done and event.party in asleep:
                return
            done |= event.does
        same = asleep.get(last.party)
        if same is not None and not same.minds & done:
            return
        for party, event in asleep.items():
            if not event.minds & (done | last.does):
                if party not in node.faults and party not in node.strangers:
                    return
        insert(node.left, [*sequence, last], False, node.faults)


def _first_awake(parties: list[str], asleep: dict[str, Event]) -> int:
    for place, party in enumerate(parties):
        if party not in asleep:
            return place
    return -1


def _listed(choices: Sequence[Choice]) -> str:
    return ", ".join(str(choice) for choice in choices)
