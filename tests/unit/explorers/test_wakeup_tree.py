"""Which sequences a wakeup tree inserts, and which it already contains."""

from shmrace.explorers.footprint import Event, Footprints
from shmrace.explorers.wakeup_tree import Branch, insert
from shmrace.model.objects import Mode, name_of
from shmrace.model.trace import Turn

FOOTPRINTS = Footprints()


def event(party: str, mode: Mode = Mode.READ, variable: str = "x") -> Event:
    return FOOTPRINTS.of(Turn(party, "step", frozenset({(name_of(variable), mode)})))


READ, WRITE = Mode.READ, Mode.WRITE


def paths(children: list[Branch]) -> list[str]:
    """Each way down the tree."""
    found = []
    for branch in children:
        found += [f"{branch.event.party}{rest}" for rest in paths(branch.children) or [""]]
    return found


def tree(*sequences: list[Event], faults: frozenset[str] = frozenset()) -> list[Branch]:
    children: list[Branch] = []
    for sequence in sequences:
        insert(children, sequence, faults)
    return children


def test_dependent_turns_in_another_order_are_another_branch() -> None:
    a, b = event("a", WRITE), event("b", WRITE)
    assert paths(tree([a, b], [b, a])) == ["ab", "ba"]


def test_independent_turns_in_another_order_are_there_already() -> None:
    a, b = event("a"), event("b")
    assert paths(tree([a, b], [b, a])) == ["ab"]


def test_sequences_share_their_beginning() -> None:
    a, b, c = event("a"), event("b", WRITE), event("c", WRITE)
    assert paths(tree([a, b, c], [a, c, b])) == ["abc", "acb"]


def test_what_goes_on_behind_a_leaf_is_not_entered() -> None:
    """The leaf is explored freely, and meets it by itself."""
    a, b = event("a"), event("b", WRITE)
    assert paths(tree([a], [a, b])) == ["a"]


def test_an_independent_branch_covers_a_sequence_and_remembers_that() -> None:
    (branch,) = tree([event("a")], [event("b")])
    assert branch.event.party == "a"
    assert [one.party for (one,) in branch.leaning] == ["b"]


def test_an_independent_fault_covers_nothing() -> None:
    kill = event("kill a", WRITE, "life of a")
    assert paths(tree([kill], [event("b")], faults=frozenset({"kill a"}))) == ["kill a", "b"]
