"""A pass is evidence, never silence."""

from shmrace.dependence import Mode
from shmrace.judgement import Evidence, verdict
from shmrace.record import Record
from shmrace.trace import Turn
from shmrace.verdict import Finding, Verdict
from tests.invariants.records import attach, create, record, size, unlink

LIVED = record([("a", create()), ("a", size()), ("b", attach()), ("b", unlink())])


def judged(
    what: Record = LIVED, complete: bool = True, findings: tuple[Finding, ...] = (), **set_: object
) -> Verdict:
    evidence = Evidence()
    evidence.add(what, "class")
    evidence.parts, evidence.entered = {"a", "b"}, {"a", "b"}
    for name, value in set_.items():
        setattr(evidence, name, value)
    return verdict(
        evidence, findings, complete, 1.0, target="T", parameters={}, ranks=2, explorer="dpor",
        start="fork",
    )  # fmt: skip


def test_a_complete_pass_without_assumptions_is_a_proof() -> None:
    assert judged().proof
    assert judged().assertions == {
        "no_missing_segment": "held", "unlinked_exactly_once": "held", "no_leaks": "held",
    }  # fmt: skip


def test_a_bounded_pass_or_one_that_assumes_something_is_none() -> None:
    assert judged(complete=False).status == "pass"
    assert not judged(complete=False).proof
    assert not judged(assumed={"timeouts"}).proof


def test_assumptions_are_listed_in_one_order() -> None:
    assert judged(assumed={"timeouts", "message-order"}).assumes == ("message-order", "timeouts")


def test_where_nothing_happened_there_is_no_pass() -> None:
    nothing = judged(record([]))
    assert (nothing.status, nothing.complete) == ("inconclusive", False)
    assert nothing.reason == "nothing exercised: no segment was created"
    assert set(nothing.assertions.values()) == {"not exercised"}


def test_an_actor_that_never_began_makes_it_inconclusive() -> None:
    assert judged(entered={"a"}).reason == "nothing exercised: b never began"


def test_a_witness_that_disagrees_makes_it_inconclusive() -> None:
    reason = judged(ungated=["x was unlinked while a was at send"]).reason
    assert reason == "ungated-operation: x was unlinked while a was at send"


def test_a_finding_breaks_its_assertion_and_fails() -> None:
    failed = judged(findings=(Finding("double-unlink", "text"),))
    assert failed.status == "fail"
    assert failed.assertions["unlinked_exactly_once"] == "broken"
    assert failed.assertions["no_leaks"] == "held"


def test_nondeterminism_is_inconclusive() -> None:
    found = judged(findings=(Finding("nondeterminism", "text"),))
    assert (found.status, found.reason) == ("inconclusive", "nondeterminism: text")


def test_bytes_that_two_touch_without_order_are_an_assumption() -> None:
    def turn(actor: str, mode: Mode, after: tuple[int, ...] = ()) -> Turn:
        return Turn(actor, "map", frozenset({("bytes s", mode)}), after)

    for after, assumed in ((), True), ((0,), False):
        what = Record((), LIVED.ledger, (turn("a", Mode.WRITE), turn("b", Mode.READ, after)))
        evidence = Evidence()
        evidence.add(what, "class")
        assert ("data-races" in evidence.assumed) is assumed
