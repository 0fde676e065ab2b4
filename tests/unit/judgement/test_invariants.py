"""The kind of a finding follows from the ledger, whatever exception the code raised."""

from dataclasses import replace

import pytest

import shmrace
from shmrace.errors import RACES
from shmrace.judgement.invariants import broken
from shmrace.judgement.invariants.ends import peers
from shmrace.model.effect import Effect
from shmrace.model.operations import SegmentKind
from shmrace.model.record import Death, Tracked
from tests.support.records import (
    ANOTHER,
    SEGMENT,
    attach,
    attach_in_vain,
    create,
    raised,
    record,
    size,
    unlink,
    unlink_in_vain,
)

OTHER, THIRD = (1, 3), (1, 4)
BORN = [("sender", create()), ("sender", size())]


def kinds(*arguments: object, **more: object) -> list[str]:
    return [finding.kind for finding in broken(record(*arguments, **more))]  # type: ignore[arg-type]


@pytest.mark.parametrize("error", ["FileNotFoundError", "RuntimeError", "KeyError"])
def test_a_missing_segment_is_one_whatever_was_raised(error: str) -> None:
    """Real code wraps FileNotFoundError; the ledger knows that the attach found nothing."""
    happened = [*BORN, ("rank0", attach()), ("rank0", unlink()), ("rank1", attach_in_vain())]
    (finding,) = broken(record(happened, {"rank1": raised(error)}))
    assert finding.kind == "missing-segment"
    assert finding.message == "rank0 unlinks seg0 before rank1 attaches it"
    assert finding.racing == (3, 4)


def test_an_attach_that_its_actor_survives_is_a_probe() -> None:
    assert kinds([*BORN, ("rank0", unlink()), ("rank1", attach_in_vain())]) == []


def test_who_goes_on_to_make_another_segment_has_survived_its_probe() -> None:
    """What it raises later has another cause, unless it was raised from the failed attach."""
    other = [("rank1", create("m", ANOTHER)), ("rank1", unlink("m", ANOTHER))]
    happened = [("rank1", attach_in_vain()), *other]
    assert kinds(happened, {"rank1": raised("ValueError")}) == ["rank-error"]
    from_it = replace(raised("ValueError"), missed_a_name=True)
    assert kinds(happened, {"rank1": from_it}) == ["missing-segment"]


@pytest.mark.parametrize(("part", "by", "found"), [
    (False, "rank0", []), (False, "", ["rank-crash"]), (True, "rank0", ["rank-crash"]),
    (False, "rank0/1", []), (True, "rank0/1", ["rank-crash"]),
])  # fmt: skip
def test_a_child_that_another_actor_or_itself_ends_by_a_signal_has_not_crashed(
    part: bool, by: str, found: list[str]
) -> None:
    death = Death("rank0/1", 15, 1, False, part, by)
    assert kinds([*BORN, ("sender", unlink())], deaths=[death]) == found


@pytest.mark.parametrize(("by", "found"), [("rank0/1", ["rank-crash"]), ("rank0", [])])
def test_a_child_that_aborts_has_crashed(by: str, found: list[str]) -> None:
    death = Death("rank0/1", 6, 1, False, False, by)
    assert kinds([*BORN, ("sender", unlink())], deaths=[death]) == found


def test_an_attach_that_was_made_good_is_no_cause_of_a_later_error() -> None:
    happened = [("rank1", attach_in_vain()), *BORN, ("rank1", attach()), ("rank1", unlink())]
    assert kinds(happened, {"rank1": raised("ValueError")}) == ["rank-error"]


def test_a_segment_that_comes_too_late_is_missing_too() -> None:
    (finding, leak) = broken(record([("rank1", attach_in_vain()), *BORN], {"rank1": raised()}))
    assert finding.message == "rank1 attaches seg0 before sender creates it"
    assert leak.kind == "leak"


def test_an_unlink_of_a_name_already_gone_is_a_double_unlink_if_it_raises() -> None:
    happened = [*BORN, ("rank0", unlink()), ("rank1", unlink_in_vain())]
    assert kinds(happened) == []
    (finding,) = broken(record(happened, {"rank1": raised()}))
    assert finding.kind == "double-unlink"
    assert finding.message == "rank1 unlinks seg0, which was unlinked already by rank0"


@pytest.mark.parametrize(
    ("in_vain", "verb"), [(attach_in_vain(), "attaches"), (unlink_in_vain(), "unlinks")]
)
def test_what_a_resource_tracker_removed_is_its_fault(in_vain: Effect, verb: str) -> None:
    """Missed by an attach or by an unlink; not if nobody misses it."""
    happened = [*BORN, ("rank0/1", unlink()), ("rank1", in_vain)]
    (finding,) = broken(record(happened, {"rank1": raised()}, trackers={"rank0/1": "rank0"}))
    assert finding.kind == "tracker-unlink"
    assert finding.message == (
        f"rank0/1, the resource tracker of rank0, unlinks seg0 before rank1 {verb} it"
    )
    assert kinds([*BORN, ("rank0/1", unlink())], trackers={"rank0/1": "rank0"}) == []


def test_a_tracker_has_a_name_once_however_often_it_is_registered() -> None:
    """A second unregister is one too many; another tracker has a set of its own."""
    told = [
        Tracked(0, "sender", "a", True, "n"),
        Tracked(2, "rank0", "a", True, "n"),
        Tracked(2, "rank0", "a", False, "n"),
        Tracked(3, "sender", "a", False, "n"),
    ]
    happened = [*BORN, ("rank0", attach()), ("sender", unlink())]
    (finding,) = broken(record(happened, tracked=told))
    assert finding.kind == "tracker-imbalance"
    assert finding.message == (
        "sender unregisters seg0 from its resource tracker, from which rank0 has unregistered it"
    )
    assert finding.racing == (2, 3)
    assert kinds(happened, tracked=[*told[:3], Tracked(3, "sender", "b", True, "n")]) == []


def test_a_name_that_was_never_registered_cannot_be_unregistered() -> None:
    """CPython does that where a create fails (wool #340)."""
    (finding,) = broken(
        record([*BORN, ("sender", unlink())], tracked=[Tracked(2, "sender", "a", False, "n")])
    )
    assert finding.message.endswith("tracker, with which nobody has registered it")


def test_a_look_before_the_size_is_a_half_born_attach() -> None:
    """CPython raises ValueError: cannot mmap an empty file."""
    happened = [
        ("sender", create()),
        ("rank0", attach()),
        ("rank0", Effect("stat", inode=(1, 1), size=0)),
        ("sender", size()),
        ("sender", unlink()),
    ]
    (finding,) = broken(record(happened, {"rank0": raised("ValueError")}))
    assert finding.kind == "half-born-attach"
    assert finding.message == "rank0 attaches seg0 before sender has given it a size"


def test_a_name_that_is_left_is_a_leak_of_its_creator() -> None:
    (finding,) = broken(record(BORN))
    assert finding.kind == "leak"
    assert finding.actor == "sender"
    assert finding.message == "seg0 stays in /dev/shm: nobody unlinks it (64 B, created by sender)"


@pytest.mark.parametrize("made", [SegmentKind.LINK, SegmentKind.DIRECTORY])
def test_a_symbolic_link_or_a_directory_that_is_left_is_a_leak_too(made: SegmentKind) -> None:
    (finding,) = broken(
        record([("sender", Effect("create", names=("a",), inode=(1, 1), made=made))])
    )
    assert finding.kind == "leak"
    assert f"(a {made}, created by sender)" in finding.message


def test_a_leak_after_a_death_says_who_died() -> None:
    death = Death("rank1", 9, 1, fault=True)
    (finding,) = broken(record(BORN, deaths=[death]))
    assert "rank1 was killed and nobody else unlinks it" in finding.message


def test_a_crash_is_named_by_its_signal() -> None:
    happened = [*BORN, ("sender", unlink())]
    (finding,) = broken(record(happened, deaths=[Death("sender", 11, 2, fault=False)]))
    assert finding.kind == "rank-crash"
    assert finding.message == "sender ended by SIGSEGV after unlink"


def test_an_assertion_and_any_other_error_are_told_apart() -> None:
    assert kinds([], {"a": raised("AssertionError", assertion=True)}) == ["assertion"]
    assert kinds([], {"a": raised("KeyError")}) == ["rank-error"]


def test_an_actor_that_waited_for_the_dead_is_told_apart_and_is_no_finding() -> None:
    what = record([], {"a": raised("PeerDied", peer_died=True)})
    assert broken(what) == []
    assert peers(what) == [("a", "PeerDied")]


def test_a_deadlock_says_who_waits_for_what() -> None:
    blocked = [("rank0", "for a message of rank1"), ("rank1", "in barrier for rank0")]
    (finding,) = broken(record([], blocked=blocked))
    assert finding.kind == "deadlock"
    assert finding.message == (
        "rank0 waits for a message of rank1; rank1 waits in barrier for rank0"
    )


def test_a_livelock_says_who_polls_what_and_leaves_no_leak_since_it_has_no_end() -> None:
    polling = [("rank0", "looks at the bytes of seg0 again and again")]
    blocked = [("sender", "for a message of rank0")]
    happened = [("sender", create()), ("rank0", Effect("sleep")), ("rank0", Effect("sleep"))]
    (finding,) = broken(record([*happened, *happened[1:]], blocked=blocked, polling=polling))
    assert (finding.kind, finding.step) == ("livelock", 2)
    assert finding.message == (
        "rank0 looks at the bytes of seg0 again and again: nobody who is left changes it"
    )
    assert finding.detail.splitlines()[1] == "sender waits for a message of rank0"


@pytest.mark.parametrize(("how", "kind"), [("mapping", "leaked-mapping"), ("fd", "leaked-fd")])
def test_memory_without_a_name_that_is_still_held_is_a_leak_of_its_holder(
    how: str, kind: str
) -> None:
    assert kinds([*BORN, ("a", unlink())], held=[("a", "seg0", how)]) == [kind]


class TestStaleAttach:
    """A name that changed its meaning behind an actor's back."""

    first = [("a", create()), ("a", size()), ("a", Effect("send"))]  # then b knows of seg0
    renewed = [("a", unlink()), ("a", create(inode=ANOTHER))]
    end = [("a", unlink(inode=ANOTHER))]

    def test_an_attach_that_gets_another_incarnation_than_the_known_one(self) -> None:
        happened = [
            *self.first, ("b", Effect("recv")), *self.renewed, ("b", attach(inode=ANOTHER)),
            *self.end,
        ]  # fmt: skip
        (finding,) = broken(record(happened, after={3: (2,)}))
        assert finding.kind == "stale-attach"
        assert finding.segment == "seg1"

    def test_an_attach_that_knows_of_the_new_incarnation_is_none(self) -> None:
        happened = [
            *self.first, *self.renewed, ("a", Effect("send")), ("b", Effect("recv")),
            ("b", attach(inode=ANOTHER)), *self.end,
        ]  # fmt: skip
        assert broken(record(happened, after={6: (5,)})) == []

    def test_who_has_let_go_of_what_it_made_may_open_the_name_again(self) -> None:
        """b takes the name away meanwhile; a compares what it has opened with the name."""
        taken = [("b", unlink()), ("b", create(inode=ANOTHER))]
        again = [("a", attach(inode=ANOTHER)), *self.end]
        closed = [("a", Effect("stat", inode=SEGMENT, released=(SEGMENT,)))]
        assert broken(record([*self.first[:2], *taken, *closed, *again])) == []
        assert kinds([*self.first[:2], *taken, *again]) == ["stale-attach"]

    def test_what_is_renamed_over_a_name_is_meant_by_who_attaches_it(self) -> None:
        renamed = Effect("rename", names=("new", "n"), inode=ANOTHER)
        happened = [
            *self.first, ("b", Effect("recv")), ("a", create("new", ANOTHER)), ("a", renamed),
            ("b", attach(inode=ANOTHER)), *self.end,
        ]  # fmt: skip
        assert broken(record(happened, after={3: (2,)})) == []

    @pytest.mark.parametrize(
        ("given", "taken"),
        [
            (unlink("lock", OTHER), create("lock", THIRD)),
            (unlink("lock", OTHER), Effect("look", "ENOENT", ("lock",))),
            (unlink("lock", OTHER), Effect("link", names=("own", "lock"), inode=THIRD)),
            (create("ready", OTHER), attach("ready", OTHER)),
            (Effect("rename", names=("part", "ready"), inode=OTHER), attach("ready", OTHER)),
            (size(8, OTHER), Effect("stat", inode=OTHER, size=8)),
            (Effect("change", inode=OTHER), Effect("stat", inode=OTHER)),
            (
                Effect("send", written=(OTHER,), held=(OTHER,)),  # an unlock and a lock in memory
                Effect("recv", written=(OTHER,), held=(OTHER,)),
            ),
        ],
    )
    def test_an_actor_that_may_have_learned_of_the_new_one_is_not_said_to_know_the_old_one(
        self, given: Effect, taken: Effect
    ) -> None:
        """By a name that is a lock or says that something is ready, by a size, by bytes."""
        other = [("a", create("lock", OTHER))]
        happened = [
            *other, *self.first, ("b", Effect("recv")), *self.renewed, ("a", given), ("b", taken),
            ("b", attach(inode=ANOTHER)), *self.end,
        ]  # fmt: skip
        assert "stale-attach" not in kinds(happened, after={4: (3,)})
        late = [*happened[:5], ("a", given), ("b", taken), *self.renewed, *happened[-2:]]
        assert "stale-attach" in kinds(late, after={4: (3,)})

    @pytest.mark.parametrize(
        "looked",
        [
            Effect("stat", inode=ANOTHER, size=64),
            Effect("look", names=("n",), inode=ANOTHER, size=64),
            Effect("send", held=(OTHER,)),
            create("mine", THIRD),
        ],
    )
    def test_to_look_at_the_new_one_or_past_it_is_not_to_learn_of_it(self, looked: Effect) -> None:
        """The name itself, its new segment, bytes that it merely has mapped, a name of its own."""
        happened = [
            ("a", create("lock", OTHER)), *self.first, ("b", Effect("recv")), *self.renewed,
            ("a", Effect("send", written=(OTHER,), held=(OTHER,))), ("b", looked),
            ("b", attach(inode=ANOTHER)), *self.end,
        ]  # fmt: skip
        assert "stale-attach" in kinds(happened, after={4: (3,)})

    def test_an_actor_that_knows_of_nothing_may_get_anything(self) -> None:
        happened = [*self.first, *self.renewed, ("b", attach(inode=ANOTHER)), *self.end]
        assert broken(record(happened)) == []


class TestForeignUnlink:
    """A name that an actor unlinks although it means another incarnation by now."""

    joined = [("a", create()), ("a", size()), ("b", attach())]
    renewed = [("a", unlink()), ("a", create(inode=ANOTHER))]

    def test_a_late_clean_up_by_name_removes_the_next_generation(self) -> None:
        """b attached the first incarnation, and unlinks the second, of which it knows nothing."""
        (finding,) = broken(record([*self.joined, *self.renewed, ("b", unlink(inode=ANOTHER))]))
        assert finding.kind == "foreign-unlink"
        assert (finding.actor, finding.segment) == ("b", "seg1")
        assert finding.message == (
            "b unlinks seg1 under the name by which it knows seg0: a has created it anew"
        )

    def test_the_unlink_of_an_incarnation_that_was_attached_too_is_none(self) -> None:
        happened = [*self.joined, *self.renewed, ("b", attach(inode=ANOTHER))]
        assert broken(record([*happened, ("b", unlink(inode=ANOTHER))])) == []

    def test_who_has_the_lock_that_the_other_has_given_back_may_unlink_it(self) -> None:
        """The lock is a name: who makes it comes after who has removed it."""
        lock = [("a", create("lock", OTHER))]
        guarded = [*lock, *self.renewed, ("a", unlink("lock", OTHER)), ("b", create("lock", THIRD))]
        happened = [*self.joined, *guarded, ("b", unlink(inode=ANOTHER))]
        assert "foreign-unlink" not in kinds(happened)
        without = [one for one in happened if one[1].names[:1] != ("lock",)]
        assert "foreign-unlink" in kinds(without)

    def test_who_was_told_of_the_new_incarnation_may_unlink_it(self) -> None:
        happened = [*self.joined, *self.renewed, ("a", Effect("send")), ("b", Effect("recv"))]
        made = record([*happened, ("b", unlink(inode=ANOTHER))], after={6: (5,)})
        assert broken(made) == []

    def test_who_knows_of_no_incarnation_may_clean_up_any(self) -> None:
        assert broken(record([("a", create()), ("a", size()), ("b", unlink())])) == []


def test_the_first_finding_in_time_comes_first() -> None:
    """The missing segment is the root; the leak of another one comes at the end."""
    happened = [
        *BORN,
        ("sender", create("m", ANOTHER)),
        ("rank0", unlink()),
        ("rank1", attach_in_vain()),
    ]
    assert kinds(happened, {"rank1": raised()}) == ["missing-segment", "leak"]


def test_every_kind_has_an_error_of_its_own_which_can_be_imported() -> None:
    assert all(getattr(shmrace, race.__name__) is race for race in RACES.values())
    assert len(set(RACES.values())) == len(RACES)
    assert all(issubclass(race, AssertionError) for race in RACES.values())
