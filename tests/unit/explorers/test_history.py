"""Which turns race, and which happen before which."""

from shmrace.explorers.history import History
from shmrace.model.happens_before import pasts
from shmrace.model.objects import Mode, lock_of, lock_state_of, name_of
from shmrace.model.trace import Turn


def turn(actor: str, mode: Mode, *after: int, moved: tuple[str, ...] = ()) -> Turn:
    return Turn(actor, "step", frozenset({(name_of("x"), mode)}), after, moved=moved)


READ, UPDATE, WRITE = Mode.READ, Mode.UPDATE, Mode.WRITE


def races(*turns: Turn) -> list[tuple[int, int]]:
    history = History()
    found = history.settle(turns)
    assert history.past == pasts(turns)
    return found


def test_a_write_races_with_the_reads_since_the_last_write() -> None:
    assert races(turn("a", WRITE), turn("b", READ), turn("c", READ), turn("d", WRITE)) == [
        (0, 1),
        (0, 2),
        (2, 3),
        (1, 3),
    ]


def test_updates_race_with_reads_but_not_with_each_other() -> None:
    assert races(turn("a", UPDATE), turn("b", UPDATE), turn("c", READ)) == [(1, 2), (0, 2)]


def test_what_is_ordered_anyway_is_no_race() -> None:
    """By program order, and by what enabled it."""
    assert races(turn("a", WRITE), turn("a", WRITE), turn("b", READ, 1)) == []


def test_whoever_moved_along_comes_after_that_turn() -> None:
    assert races(turn("a", READ, moved=("b",)), turn("b", WRITE)) == []


def test_only_the_turns_that_are_new_race_again() -> None:
    first = [turn("a", WRITE), turn("b", READ), turn("c", READ)]
    history = History()
    assert history.settle(first) == [(0, 1), (0, 2)]
    history.cut(2)
    assert history.settle([*first[:2], turn("c", WRITE)]) == [(1, 2)]


def test_who_only_looks_at_a_lock_does_not_keep_it_from_being_taken() -> None:
    """a holds it, b tries in vain, c waits for ever: c could have come before a, not before b."""
    history = History()
    taken = frozenset({(lock_of("x", "flock"), WRITE), (lock_state_of("x", "flock"), UPDATE)})
    history.settle(
        [
            Turn("a", "lock", taken),
            Turn("b", "try", frozenset({(lock_state_of("x", "flock"), READ)})),
        ]
    )
    assert history.blocked(Turn("c", "lock", taken))[1] == [0]
