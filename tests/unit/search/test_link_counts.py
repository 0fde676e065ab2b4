"""A search asks once more where a stat ran beside a change of the number of names."""

import pytest

from shmrace.model.objects import Accesses, Mode, Object, ObjectKind, links_of
from shmrace.model.trace import Turn
from shmrace.search.link_counts import LinkCounts

TOLD: Accesses = frozenset({(Object(ObjectKind.LINKS_SEEN, ("seg",)), Mode.READ)})
CHANGED: Accesses = frozenset({(links_of("seg"), Mode.UPDATE)})
OTHER: Accesses = frozenset({(links_of("other"), Mode.UPDATE)})


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([Turn("a", "stat", TOLD), Turn("b", "unlink", CHANGED)], True),
        ([Turn("b", "unlink", CHANGED), Turn("a", "stat", TOLD)], True),
        ([Turn("a", "stat", TOLD), Turn("b", "unlink", CHANGED, after=(0,))], False),
        ([Turn("a", "stat", TOLD), Turn("a", "unlink", CHANGED)], False),
        ([Turn("a", "stat", TOLD), Turn("b", "unlink", OTHER)], False),
        ([Turn("a", "stat", TOLD)], False),
    ],
)
def test_a_stat_races_with_an_unlink_that_nothing_orders(turns: list[Turn], expected: bool) -> None:
    counts = LinkCounts()
    counts.note(turns)
    assert counts.raced is expected
