"""The results of a test's searches, in words, as properties, and as plain data."""

import json
from dataclasses import replace

import shmrace
from shmrace.errors import Leak
from shmrace.model.assumptions import Assumption
from shmrace.model.breach import Breach
from shmrace.model.verdict import Finding, Subject, Verdict
from shmrace.pytest_plugin.searched import Searched, phrase, properties, searched


class Broadcast(shmrace.Scenario):
    ranks = 3

    def rank(self, world: shmrace.World) -> None: ...


PROOF = Verdict(
    Subject("a.py:Broadcast", {}, 3), "dpor", "warm", "pass", True, (), {}, 90, 84, 2.04,
)  # fmt: skip
LEAK = Finding(Breach(Leak, "seg0 stays in /dev/shm"), token="sr1-a-b")
BOUNDED = replace(PROOF, complete=False, explorer="pct", executions=1204, elapsed=10.3)


def said(*verdicts: Verdict) -> str:
    return phrase([searched(verdict, Broadcast()) for verdict in verdicts])


def test_a_pass_says_what_it_rests_on() -> None:
    assert said(PROOF) == "proved: 84 schedules, 3 ranks"
    assert said(replace(PROOF, trace_classes=1)) == "proved: 1 schedule, 3 ranks"
    assert said(BOUNDED) == "bounded: 1,204 schedules in 10 s; pct"


def test_a_pass_that_is_no_proof_says_why() -> None:
    assumes = replace(PROOF, assumes=(Assumption.WARM, Assumption.MESSAGE_ORDER))
    assert said(assumes) == "complete: 84 schedules, 3 ranks; assumes warm, message-order"
    accepted = replace(PROOF, accepted={"leak": 8, "deadlock": 1})
    assert said(accepted) == "complete: 84 schedules, 3 ranks; accepted 8 leaks, 1 deadlock"


def test_a_finding_that_was_expected_is_named() -> None:
    found = replace(PROOF, status="fail", findings=(LEAK,))
    assert said(found) == "found: leak"


def test_several_searches_are_one_line() -> None:
    assert said(PROOF, PROOF, BOUNDED) == "2 proved, 1 bounded: 1,384 schedules in 3 searches"


def test_properties_are_those_of_all_searches_together() -> None:
    failing = replace(BOUNDED, status="fail", findings=(LEAK,), assumes=(Assumption.WARM,))
    assert properties([searched(one, Broadcast()) for one in (PROOF, failing)]) == [
        ("shmrace.status", "fail"),
        ("shmrace.executions", "1294"),
        ("shmrace.trace_classes", "168"),
        ("shmrace.complete", "false"),
        ("shmrace.assumes", "warm"),
        ("shmrace.token", "sr1-a-b"),
    ]


def test_a_search_travels_as_json() -> None:
    """As pytest-xdist sends it."""
    one = searched(replace(PROOF, accepted={"leak": 2}), Broadcast())
    again = Searched(**json.loads(json.dumps(one.as_data())))
    assert str(again) == str(one)
    assert properties([again]) == properties([one])
