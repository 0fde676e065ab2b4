"""The ledger follows names and segments through an execution."""

from shmrace.model.effect import Effect
from shmrace.model.ledger import Ledger
from shmrace.model.operations import SegmentKind

ONE, TWO = (1, 1), (1, 2)


def test_a_segment_lives_from_its_creation_to_its_unlink() -> None:
    ledger = Ledger()
    ledger.record(0, "sender", Effect("create", names=("psm_a",), inode=ONE))
    ledger.record(1, "sender", Effect("size", inode=ONE, size=64))
    ledger.record(2, "rank0", Effect("attach", names=("psm_a",), inode=ONE, size=64))
    ledger.record(3, "rank0", Effect("unlink", names=("psm_a",), inode=ONE))
    ledger.record(4, "rank1", Effect("attach", "ENOENT", ("psm_a",)))
    (segment,) = ledger.segments
    assert (segment.label, segment.subject, segment.size) == ("seg0", "sender#0", 64)
    assert ledger.life(segment) == (
        "created by sender:1 -> attached by rank0:3 -> unlinked by rank0:4 -> rank1:5 missing"
    )
    assert ledger.linked() == []
    (miss,) = ledger.misses
    assert (miss.actor, miss.by, miss.last) == ("rank1", 3, segment)


def test_a_name_that_is_used_again_means_another_segment() -> None:
    ledger = Ledger()
    ledger.record(0, "a", Effect("create", names=("n",), inode=ONE))
    ledger.record(1, "a", Effect("unlink", names=("n",), inode=ONE))
    ledger.record(2, "b", Effect("create", names=("n",), inode=TWO))
    assert [segment.label for segment in ledger.segments] == ["seg0", "seg1"]
    assert ledger.meaning("n") is ledger.segments[1]
    assert ledger.meant("n", 1) is ledger.segments[0]
    assert ledger.meant("n", 2) is None


def test_a_linked_inode_has_two_names_and_two_unlinks() -> None:
    """As sem_open does it: create, link to the final name, unlink the first."""
    ledger = Ledger()
    ledger.record(0, "a", Effect("create", names=("tmp",), inode=ONE))
    ledger.record(1, "a", Effect("link", names=("tmp", "sem"), inode=ONE))
    ledger.record(2, "a", Effect("unlink", names=("tmp",), inode=ONE))
    assert [name for name, _ in ledger.linked()] == ["sem"]
    ledger.record(3, "a", Effect("unlink", names=("sem",), inode=ONE))
    assert ledger.linked() == []
    assert len(ledger.segments) == 1


def test_a_rename_pushes_out_what_had_the_name() -> None:
    ledger = Ledger()
    ledger.record(0, "a", Effect("create", names=("n",), inode=ONE))
    ledger.record(1, "b", Effect("create", names=("m",), inode=TWO))
    ledger.record(2, "b", Effect("rename", names=("m", "n"), inode=TWO, replaced=ONE))
    assert [(name, segment.label) for name, segment in ledger.linked()] == [("n", "seg1")]
    assert ledger.segments[0].unlinked == [("b", 2)]


def test_a_failed_create_makes_no_segment() -> None:
    ledger = Ledger()
    ledger.record(0, "a", Effect("create", names=("n",), inode=ONE))
    ledger.record(1, "b", Effect("create", "EEXIST", ("n",), ONE))
    assert len(ledger.segments) == 1
    assert ledger.misses == []


def test_keys_are_the_same_whatever_the_name_is_called() -> None:
    keys = []
    for name in ("psm_1", "psm_2"):
        ledger = Ledger()
        ledger.record(0, "sender", Effect("create", names=(name,), inode=ONE))
        keys.append(ledger.keys(name)[-1])
    assert keys == ["@sender#0", "@sender#0"]


def test_what_lies_in_a_directory_that_is_renamed_moves_along() -> None:
    ledger = Ledger()
    ledger.record(0, "a", Effect("create", names=("d",), inode=ONE, made=SegmentKind.DIRECTORY))
    ledger.record(1, "a", Effect("create", names=("d/x",), inode=TWO))
    ledger.record(2, "b", Effect("rename", names=("d", "e"), inode=ONE))
    assert [name for name, _ in ledger.linked()] == ["e", "e/x"]
    ledger.record(3, "b", Effect("unlink", names=("e/x",), inode=TWO))
    ledger.record(4, "b", Effect("unlink", names=("e",), inode=ONE))
    assert ledger.linked() == []


def test_two_names_that_are_exchanged_mean_each_others_segments() -> None:
    ledger = Ledger()
    ledger.record(0, "a", Effect("create", names=("m",), inode=ONE))
    ledger.record(1, "a", Effect("create", names=("n",), inode=TWO))
    ledger.record(2, "b", Effect("rename", "", ("m", "n"), ONE, replaced=TWO, exchanges=True))
    assert [(name, one.inode) for name, one in ledger.linked()] == [("m", TWO), ("n", ONE)]
    assert not any(segment.unlinked for segment in ledger.segments)


def test_directories_that_are_exchanged_take_along_what_lies_in_them() -> None:
    """One may lie in the place of a file, too."""
    three, four = (1, 3), (1, 4)
    ledger = Ledger()
    for step, (name, inode) in enumerate([("m", ONE), ("m/x", TWO), ("n", three), ("n/y", four)]):
        ledger.record(step, "a", Effect("create", names=(name,), inode=inode))
    exchange = Effect("rename", "", ("m", "n"), ONE, replaced=three, exchanges=True)
    ledger.record(4, "b", exchange)
    meant = {"m": three, "m/y": four, "n": ONE, "n/x": TWO}
    assert {name: one.inode for name, one in ledger.linked()} == meant
    ledger.record(5, "b", Effect("unlink", names=("n/x",), inode=TWO))
    ledger.record(6, "b", Effect("unlink", names=("m/y",), inode=four))
    assert [name for name, _ in ledger.linked()] == ["m", "n"]
