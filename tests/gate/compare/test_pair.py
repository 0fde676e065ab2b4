"""A candidate and its baseline on identical schedules."""

import pytest

import shmrace
from shmrace.compare.handover import Handover
from shmrace.compare.pair import check, compare


def pair(baseline: str, candidate: str, transport: str) -> tuple[Handover, Handover]:
    return (
        Handover(ranks=2, lifecycle=baseline, transport=transport),
        Handover(ranks=2, lifecycle=candidate, transport=transport),
    )


def test_a_candidate_that_mends_its_baseline_is_no_worse() -> None:
    """The owner unlinks where eager fails: they end differently in all of eager's schedules."""
    found = compare(*pair("eager", "owner-unlinks", "fan-out"))
    assert (found.baseline.status, found.candidate.status, found.status) == ("fail", "pass", "pass")
    assert found.new == ()
    assert found.differ == found.schedules > 0


def test_a_candidate_with_a_kind_of_its_own_is_worse_and_the_first_divergence_is_shown() -> None:
    """Deferred on a relay: in the simplest schedule rank 0 unlinks where the owner would wait for
    an answer."""
    found = compare(*pair("owner-unlinks", "deferred", "relay"))
    assert [finding.kind for finding in found.new] == ["missing-segment"]
    assert found.status == "fail"
    where = found.divergence
    assert where is not None
    assert [step.signature[:2] for step in where.baseline[: where.place]] == [
        step.signature[:2] for step in where.candidate[: where.place]
    ]
    assert where.candidate[where.place].operation != where.baseline[where.place].operation
    assert where.outcomes[0] == ""
    assert where.outcomes[1].startswith("missing-segment: rank0 unlinks seg0")


def test_two_that_are_equal_do_not_diverge() -> None:
    found = compare(*pair("deferred", "deferred", "relay"))
    assert (found.differ, found.divergence, found.new) == (0, None, ())


def test_the_typed_error_of_the_first_new_finding_is_raised() -> None:
    with pytest.raises(shmrace.MissingSegment, match="rank0 unlinks seg0"):
        check(*pair("owner-unlinks", "deferred", "relay"))
    assert check(*pair("deferred", "owner-unlinks", "relay")).new == ()
