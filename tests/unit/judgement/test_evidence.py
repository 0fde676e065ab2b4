"""A pass is evidence, never silence."""

from collections import Counter
from dataclasses import replace

from shmrace.judgement.evidence import Evidence, verdict
from shmrace.model.objects import Mode
from shmrace.model.operations import Effect
from shmrace.model.record import Record
from shmrace.model.verdict import Finding, Verdict
from tests.support.records import SEGMENT, attach, create, record, size, unlink

LIVED = record([("a", create()), ("a", size()), ("b", attach()), ("b", unlink())])


def judged(
    what: Record = LIVED, complete: bool = True, findings: tuple[Finding, ...] = (), **set_: object
) -> Verdict:
    evidence = Evidence()
    evidence.add(what, "class")
    evidence.parts = evidence.entered = evidence.ended = {"a", "b"}
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


def test_an_actor_that_never_ends_and_a_fault_that_never_strikes_make_it_inconclusive() -> None:
    assert "b never ended in any execution" in judged(ended={"a"}).reason
    evidence = Evidence()
    evidence.add(LIVED, "class")
    found = verdict(
        evidence, (), True, 1.0, faults=["kill@nobody"], target="T", parameters={}, ranks=2,
        explorer="dpor", start="fork",
    )  # fmt: skip
    assert found.reason == "no fault ever struck: kill@nobody matches nothing that happened"


def test_what_is_accepted_is_neither_held_nor_proved() -> None:
    tolerant = judged(accepted=Counter({"leak": 2}))
    assert (tolerant.status, tolerant.proof) == ("pass", False)
    assert tolerant.assertions["no_leaks"] == "broken"


def test_bytes_that_somebody_writes_and_another_holds_without_order_are_an_assumption() -> None:
    writes = Effect("map", inode=SEGMENT, written=(SEGMENT,))
    for after, assumed in ((), True), ((2,), False):
        what = record([("a", create()), ("a", size()), ("a", writes), ("b", attach())])
        turns = [
            replace(
                turn, accesses=frozenset({("bytes a#0", Mode.WRITE)}) if index > 1 else frozenset()
            )
            for index, turn in enumerate(what.turns)
        ]
        turns[3] = replace(turns[3], after=after)
        evidence = Evidence()
        evidence.add(replace(what, turns=tuple(turns)), "class")
        assert ("data-races" in evidence.assumed) is assumed
