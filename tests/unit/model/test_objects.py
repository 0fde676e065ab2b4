"""What each operation reads and writes, by its outcome."""

import pytest

from shmrace.model.effect import Effect
from shmrace.model.footprints import accesses_of
from shmrace.model.objects import Accesses, Mode, clash, dependent

INODE = (1, 7)


def touched(effect: Effect, limited: bool = False) -> Accesses:
    return accesses_of(effect, lambda name: (name,), lambda inode: "seg", limited)


CREATED = touched(Effect("create", names=("a",), inode=INODE))
EXISTED = touched(Effect("create", "EEXIST", ("a",), INODE))
ATTACHED = touched(Effect("attach", names=("a",), inode=INODE))
MISSED = touched(Effect("attach", "ENOENT", ("a",)))
UNLINKED = touched(Effect("unlink", names=("a",), inode=INODE))
UNLINKED_IN_VAIN = touched(Effect("unlink", "ENOENT", ("a",)))
LISTED = touched(Effect("list"))
SIZED = touched(Effect("size", inode=INODE, size=64))
LOOKED = touched(Effect("stat", inode=INODE, size=64))


@pytest.mark.parametrize("quiet", [EXISTED, ATTACHED, MISSED, UNLINKED_IN_VAIN])
def test_what_fails_or_attaches_only_reads_its_name(quiet: Accesses) -> None:
    for other in (EXISTED, ATTACHED, MISSED, UNLINKED_IN_VAIN):
        assert not dependent(quiet, other)
    for change in (CREATED, UNLINKED):
        assert dependent(quiet, change)
        assert dependent(change, quiet)


def test_changes_of_different_names_are_independent_but_a_listing_sees_both() -> None:
    other = touched(Effect("unlink", names=("b",), inode=(1, 8)))
    assert not dependent(UNLINKED, other)
    assert dependent(LISTED, UNLINKED)
    assert dependent(LISTED, other)
    assert not dependent(LISTED, ATTACHED)


def test_a_size_is_written_by_truncation_and_read_by_a_look() -> None:
    assert dependent(SIZED, LOOKED)
    assert not dependent(LOOKED, LOOKED)
    assert not dependent(SIZED, UNLINKED)


def test_bytes_conflict_between_a_writer_and_whoever_holds_the_segment() -> None:
    holds = touched(Effect("stat", inode=INODE, held=(INODE,)))
    writes = touched(Effect("barrier", held=(INODE,), written=(INODE,)))
    assert dependent(holds, writes)
    assert not dependent(holds, holds)


def test_channels_the_harness_does_not_know_order_everything_that_uses_them() -> None:
    uses = touched(Effect("barrier", channel=True))
    assert dependent(uses, uses)
    assert not dependent(uses, touched(Effect("barrier")))


def test_space_is_an_object_only_where_it_is_limited() -> None:
    one = Effect("create", names=("a",), inode=INODE)
    other = Effect("create", names=("b",), inode=(1, 8))
    assert not dependent(touched(one), touched(other))
    assert dependent(touched(one, limited=True), touched(other, limited=True))


def test_a_name_is_the_same_under_its_text_and_under_its_alias() -> None:
    """An attach before the creation knows only the text, one after it also the alias."""
    before = accesses_of(Effect("attach", "ENOENT", ("a",)), lambda name: (name,), str)
    after = accesses_of(
        Effect("create", names=("a",)), lambda name: (name, "@sender#0"), lambda inode: "seg"
    )
    elsewhere = accesses_of(
        Effect("attach", names=("z",)), lambda name: (name, "@sender#0"), lambda inode: "seg"
    )
    assert dependent(before, after)
    assert dependent(after, elsewhere)


def test_updates_commute_with_each_other_only() -> None:
    assert not clash(Mode.UPDATE, Mode.UPDATE)
    assert not clash(Mode.READ, Mode.READ)
    assert clash(Mode.READ, Mode.UPDATE)
    assert clash(Mode.WRITE, Mode.UPDATE)
    assert clash(Mode.WRITE, Mode.WRITE)
