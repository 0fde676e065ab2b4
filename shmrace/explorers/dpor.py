"""Exhaustive exploration: optimal DPOR with wakeup trees.

Every trace class is run once.  After an execution each pair of dependent, unordered turns is a
*race*; at the turn before its first, the sequence that reverses it is entered into a wakeup tree,
unless what was tried there begins something equivalent.  What was tried *sleeps* until something
dependent happens.  Source: Abdulla, Aronsis, Jonsson, Sagonas, "Source Sets: A Foundation for
Optimal Dynamic Partial Order Reduction", JACM 64(4), 2017, algorithm 2.  Departures, because what a
turn touches is taken from its outcome, which another order may change: see `Dpor._enter`; what need
not happen (faults) and what cannot (locks waited for in vain) is checked for races at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shmrace.explorers.footprint import Event
from shmrace.explorers.history import History
from shmrace.explorers.interface import Explorer, Nondeterministic, Point
from shmrace.explorers.wakeup_tree import Branch, insert
from shmrace.model.schedule import Choice
from shmrace.model.trace import Turn


@dataclass(slots=True)
class Node:
    """A state on the way of the present execution."""

    choices: list[Choice]
    parties: list[str]  # who could go on here, in the order they were listed
    faults: frozenset[str]  # those of them that need not
    asleep: dict[str, Event]  # tried before, and nothing dependent has happened since
    left: list[Branch]  # what is to be tried here yet
    chosen: int = -1
    branch: Branch | None = None  # what is tried here now, if a race asked for it
    tried: list[Event] = field(default_factory=list)  # here, to the end; faults left out
    reversed: set[str] = field(default_factory=set)  # faults, against what is chosen now
    unforeseen: bool = False  # did a wakeup tree end while something slept, here or before?


class Dpor(Explorer):
    """Complete once `begin` says that nothing is left."""

    name = "dpor"
    is_systematic = True

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self._nodes: list[Node] = []
        self._history = History()
        self._faults: set[str] = set()  # all that were ever offered
        self._started = False
        self._exhausted = False
        self._given_up = False
        self.blocked = 0  # executions given up because all of it was seen elsewhere

    @property
    def complete(self) -> bool:
        return self._exhausted

    def begin(self) -> bool:
        self._given_up = False
        if not self._started:
            self._started = True
            return True
        while self._nodes:
            if self._step_on(self._nodes[-1]):
                return True
            self._nodes.pop()
        self._exhausted = True
        return False

    def _step_on(self, node: Node) -> bool:
        """Go on from the turn that was tried at the last node to the next branch there, if any."""
        place = len(self._nodes) - 1
        event = self._history.events[place]
        node.asleep[event.party] = event
        if event.party not in node.faults:
            node.tried.append(event)
        branch = node.branch
        if branch is not None and (branch.event.does != event.does or self._history.varied):
            self._enter_again(node, branch)
        self._tried(node)
        self._history.cut(place)
        self._choose_branch(node)
        if node.branch is None and not node.tried:  # faults alone: what if none strikes here?
            node.chosen = _first_awake(node)
            return node.chosen >= 0 and node.parties[node.chosen] not in node.faults
        return node.branch is not None

    def choose(self, point: Point) -> int | None:
        depth = len(point.happened)
        choices = list(point.choices)
        if depth < len(self._nodes):
            node = self._nodes[depth]
            if node.choices != choices:
                raise Nondeterministic(depth, _listed(node.choices), _listed(choices))
            return node.chosen
        node = self._arrive(choices, point.happened)
        self._choose_branch(node)
        if node.branch is None:
            node.chosen = _first_awake(node)
            node.unforeseen = node.unforeseen or bool(node.asleep)
        if node.chosen < 0:
            self._given_up = True
            self.blocked += 1
            return None
        self._nodes.append(node)
        return node.chosen

    def _arrive(self, choices: list[Choice], happened: Sequence[Turn]) -> Node:
        """A state that was not met before."""
        parties = [choice.who for choice in choices]
        faults = frozenset(choice.who for choice in choices if choice.fault)
        self._faults |= faults
        if not happened:
            return Node(choices, parties, faults, {}, [])
        before = self._nodes[-1]
        minds = self._history.note(happened[-1])
        asleep = {party: one for party, one in before.asleep.items() if not minds & one.does}
        left = before.branch.children if before.branch is not None else []
        unforeseen = before.unforeseen
        return Node(choices, parties, faults, asleep, left, unforeseen=unforeseen)

    def _choose_branch(self, node: Node) -> None:
        """Choose the first branch that can be run."""
        node.branch = None
        node.reversed.clear()
        while node.left and node.branch is None:
            branch = node.left.pop(0)
            party = branch.event.party
            if party in node.parties and party not in node.asleep:
                node.branch = branch
                node.chosen = node.parties.index(party)
            else:
                self._leave_out(node.asleep.get(party))
                self._enter_again(node, branch)

    def finish(self, happened: Sequence[Turn], pending: Sequence[Turn]) -> None:
        if len(happened) < len(self._nodes):
            planned = self._nodes[len(happened)].choices
            raise Nondeterministic(len(happened), _listed(planned), "the end of the execution")
        history = self._history
        found = history.settle(happened)
        for earlier, later in found:
            self._reverse(earlier, history.events[later])
        for turn in pending:
            if turn.actor not in self._faults:
                event, races = history.blocked(turn)
                for earlier in races:
                    self._reverse(earlier, event)
        for turn in pending:
            if turn.actor in self._faults:
                self._let_strike(history.event(turn))

    def _let_strike(self, fault: Event) -> None:
        """Let a fault strike that did not: it could have, up to the turn after which it was not
        offered any more, which is a turn of its victim or the last turn of the execution."""
        party = fault.party
        offered = [party in node.faults for node in self._nodes]
        if offered[-1:] == [True] and not self._given_up:
            self._history.shut(fault)
        offered.append(False)
        for earlier, node in enumerate(self._nodes):
            if offered[earlier] and not offered[earlier + 1] and party not in node.reversed:
                node.reversed.add(party)
                self._reverse(earlier, fault)

    def _reverse(self, earlier: int, last: Event) -> None:
        """Let a race be tried the other way round: first the turns that do not happen after its
        first one, then its second one."""
        events = self._history.events
        beside = [events[place] for place in self._history.beside(earlier, len(events))]
        self._enter(self._nodes[earlier], [*beside, last])

    def _enter(self, node: Node, sequence: Sequence[Event]) -> None:
        """Let a sequence be tried at a node, unless a turn that sleeps covers it: a turn that was
        tried there, or at an earlier node, and may begin an equivalent sequence.

        In the paper a sleeper covers a sequence if it is independent of all of it.  Here the last
        turn of a sequence was seen after the other turn of its race, and may touch other objects
        when it comes first.  So where footprints vary a sleeper covers a sequence in two cases:

        1. The sequence begins with the sleeper's own turn.
        2. The sleeper was tried at this very node, and is independent of the sequence as it was
           seen.  If the last turn did more when it came first, one of the turns tried here kept it
           from that, and the race with that one is seen, and reversed at this node.

        A sleeper from an earlier node that is merely independent of the last turn as it was seen
        proves nothing.  A fault covers nothing by being independent, since it need not happen.  The
        same caution holds where faults may strike, and where a wakeup tree did not foresee what
        sleeps.  The argument with an example of three turns, and what is not proved:
        docs/explanation/independence-and-dpor.md.
        """
        cover = self._cover(node, sequence)
        if cover is None:
            insert(node.left, sequence, self._faults)
        else:
            self._leave_out(cover)

    def _cover(self, node: Node, sequence: Sequence[Event]) -> Event | None:
        """The sleeper that covers a sequence, see `_enter`; None if none does."""
        asleep = node.asleep
        done = 0
        for event in sequence[:-1]:
            if event.party in asleep and not event.minds & done:
                return asleep[event.party]
            done |= event.does
        last = sequence[-1]
        same = asleep.get(last.party)
        if same is not None and not same.minds & done:
            return same
        if self._history.strayed:  # what was tried may depend on it in another order
            return None
        done |= last.does
        steady = not (self._history.varied or self._faults or node.unforeseen)
        others = asleep.values() if steady else node.tried
        return next((event for event in others if not event.minds & done), None)

    def _enter_again(self, node: Node, branch: Branch) -> None:
        """A branch touched other objects than was foreseen: enter the sequences once more that were
        left to it."""
        leaning, branch.leaning = branch.leaning, []
        for sequence in leaning:
            self._enter(node, sequence)

    def _tried(self, node: Node) -> None:
        """Everything behind the turn that is chosen at the last node was explored."""

    def _leave_out(self, cover: Event | None) -> None:
        """A sequence is not tried because this turn covers it."""


def _first_awake(node: Node) -> int:
    for place, party in enumerate(node.parties):
        if party not in node.asleep:
            return place
    return -1


def _listed(choices: Sequence[Choice]) -> str:
    return ", ".join(str(choice) for choice in choices)
