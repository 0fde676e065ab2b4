"""A pass needs evidence; without it the verdict is inconclusive."""

from collections import Counter
from dataclasses import replace

from shmrace.errors import DoubleUnlink, Nondeterminism
from shmrace.judgement.evidence import Evidence
from shmrace.judgement.verdict import Conduct, Doubt, verdict
from shmrace.model.breach import Breach
from shmrace.model.effect import Effect
from shmrace.model.objects import Mode, bytes_of
from shmrace.model.record import Record
from shmrace.model.verdict import Finding, Subject, Verdict
from tests.support.records import SEGMENT, attach, create, record, size, unlink

SUBJECT, CONDUCT = Subject("T", {}, 2), Conduct("dpor", "fork")
LIVED = record([("a", create()), ("a", size()), ("b", attach()), ("b", unlink())])


def judged(
    what: Record = LIVED, complete: bool = True, findings: tuple[Finding, ...] = (),
    doubt: Doubt | None = None, **set_: object,
) -> Verdict:  # fmt: skip
    evidence = Evidence()
    evidence.add(what, "class")
    evidence.parts = evidence.entered = evidence.ended = {"a", "b"}
    for name, value in set_.items():
        setattr(evidence, name, value)
    return verdict(SUBJECT, CONDUCT, evidence, findings, complete, 1.0, doubt)


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
    failed = judged(findings=(Finding(Breach(DoubleUnlink, "text")),))
    assert failed.status == "fail"
    assert failed.assertions["unlinked_exactly_once"] == "broken"
    assert failed.assertions["no_leaks"] == "held"


def test_nondeterminism_is_inconclusive() -> None:
    found = judged(findings=(Finding(Breach(Nondeterminism, "text")),))
    assert (found.status, found.reason) == ("inconclusive", "nondeterminism: text")


def test_an_actor_that_never_ends_and_a_fault_that_never_strikes_make_it_inconclusive() -> None:
    assert "b never ended in any execution" in judged(ended={"a"}).reason
    evidence = Evidence()
    evidence.add(LIVED, "class")
    found = verdict(SUBJECT, replace(CONDUCT, faults=["kill@nobody"]), evidence, (), True, 1.0)
    assert found.reason == "no fault ever struck: kill@nobody matches nothing that happened"


def test_a_doubt_makes_a_pass_inconclusive_and_is_a_remark_elsewhere() -> None:
    """As for a token that no longer fits: a finding stays one."""
    doubt = Doubt("the token no longer fits", "other steps")
    doubted = judged(doubt=doubt)
    assert (doubted.status, doubted.reason) == ("inconclusive", "the token no longer fits")
    assert not doubted.complete
    failed = judged(doubt=doubt, findings=(Finding(Breach(DoubleUnlink, "text")),))
    assert (failed.status, failed.note) == ("fail", "other steps")


def test_what_is_accepted_is_neither_held_nor_proved() -> None:
    tolerant = judged(accepted=Counter({"leak": 2}))
    assert (tolerant.status, tolerant.proof) == ("pass", False)
    assert tolerant.assertions["no_leaks"] == "broken"


def test_bytes_that_somebody_stores_while_another_holds_them_are_an_assumption() -> None:
    """The verdict says who; the other kinds of order are held by tests/unit/model."""
    stores = Effect("map", inode=SEGMENT, written=(SEGMENT,), held=(SEGMENT,), in_memory=(SEGMENT,))
    loads = Effect("map", inode=SEGMENT, held=(SEGMENT,), in_memory=(SEGMENT,))
    uses = frozenset({(bytes_of("a#0"), Mode.READ)})
    for effect, assumed in ((stores, True), (loads, False)):
        what = record([("a", create()), ("a", effect), ("b", loads)])
        trace = tuple(
            replace(one, accesses=uses if one.index else one.accesses) for one in what.trace
        )
        evidence = Evidence()
        race = evidence.add(replace(what, trace=trace), "class")
        assert ("data-races" in evidence.assumed) is (race is not None) is assumed
