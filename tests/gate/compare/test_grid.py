"""Lifecycles against transports: the results in the table, simulated and over real wires."""

import pytest

from shmrace.compare.grid import Cell, Work, cell, cells, handovers, split
from shmrace.compare.lifecycles import LIFECYCLES, SLOW
from shmrace.compare.transports import TRANSPORTS
from shmrace.errors import UsageError
from shmrace.model.verdict import Verdict
from shmrace.search.budget import Budget
from shmrace.search.options import Detail, SearchOptions
from shmrace.search.search import Search

OWN = [name for name in LIFECYCLES if name not in SLOW]
MISSING, BOTH = ("missing-segment",), ("double-unlink", "missing-segment")

FAILS_WITH_THREE = {
    ("eager", "fan-out"): BOTH,
    ("eager", "relay"): BOTH,
    ("deferred", "fan-out"): MISSING,
    ("deferred", "relay"): MISSING,
    ("deferred", "two-level"): MISSING,
    ("deferred", "resend-shared"): MISSING,
    ("deferred", "data-parallel"): MISSING,
    ("eager-tolerant", "fan-out"): MISSING,
}
"""What fails with three ranks, out of the rows and columns that are tested."""

CLASSES = {
    ("eager", "fan-out"): 12,  # N * 2^(N-1)
    ("eager-tolerant", "fan-out"): 12,
    ("deferred", "fan-out"): 12,
    ("deferred", "relay"): 8,  # (N+1) * 2^(N-2)
    ("deferred", "two-level"): 8,
    ("deferred", "relay-barrier"): 3,  # N
    ("deferred", "two-level-barrier"): 3,
    # N! orders of taking the lock are 6; the pass depends on what each stat tells beside the unlink
    ("reference-counted", "fan-out"): 36,
}


def searched(lifecycle: str, transport: str, ranks: int) -> Cell:
    return cell(Work(handovers([lifecycle], [transport], ranks)[0], priced=False))


def counted(lifecycle: str, transport: str, ranks: int) -> Verdict:
    """What there is, without the simplest schedules and without repetitions."""
    (scenario,) = handovers([lifecycle], [transport], ranks)
    return Search(
        scenario, SearchOptions.parse(budget=Budget(600), keep_going=True, detail=Detail.SEEN)
    ).run()


def kinds_of(verdict: Verdict) -> tuple[str, ...]:
    return tuple(sorted(finding.kind for finding in verdict.findings))


@pytest.mark.parametrize(
    ("lifecycle", "transport"),
    [
        *(("deferred", transport) for transport in TRANSPORTS),
        *(("owner-unlinks", transport) for transport in ("relay", "two-level", "resend-shared")),
        *(
            ("descriptor-passing", transport)
            for transport in ("relay", "two-level", "resend-shared")
        ),
        *((lifecycle, "fan-out") for lifecycle in OWN if lifecycle != "deferred"),
        ("eager", "relay"),
    ],
)
def test_the_table_of_three_ranks_tells_the_story(lifecycle: str, transport: str) -> None:
    """Eager fails on fan-out; deferred fails on a relay without a barrier, and passes with it; what
    passes is proved."""
    found = searched(lifecycle, transport, 3)
    kinds = FAILS_WITH_THREE.get((lifecycle, transport), ())
    assert found.kinds == kinds
    assert found.verdict.status == ("fail" if kinds else "pass")
    assert found.verdict.complete
    assert found.verdict.assumes == ()
    expected = CLASSES.get((lifecycle, transport))
    assert expected in (None, found.verdict.trace_classes)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("ranks", "wire"), [(2, "zmq"), (3, "gloo")])
@pytest.mark.parametrize(
    ("lifecycle", "transport"),
    [
        ("eager", "relay"),
        ("deferred", "relay"),
        ("deferred", "relay-barrier"),
        ("deferred", "two-level"),
        ("owner-unlinks", "data-parallel"),
        ("descriptor-passing", "relay"),
    ],
)
def test_over_real_parts_a_cell_is_what_it_is_simulated(
    lifecycle: str, transport: str, ranks: int, wire: str
) -> None:
    """The same verdict and the same kinds; and where the gates are the same, which a mailbox beside
    the wire is not, the same number of trace classes.  Only what it rests on differs."""
    simulated = searched(lifecycle, transport, ranks)
    real = counted(lifecycle, f"{transport}/{wire}", ranks)
    assert (real.status, kinds_of(real)) == (simulated.verdict.status, simulated.kinds)
    if lifecycle != "descriptor-passing":
        assert real.trace_classes == simulated.verdict.trace_classes
    assert real.complete and simulated.verdict.complete
    assert simulated.verdict.assumes == ()
    assert "message-order" in real.assumes


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("ranks", [2, 3])
@pytest.mark.parametrize("wire", ["zmq", "gloo"])
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("lifecycle", OWN)
def test_twenty_searches_over_real_parts_give_equal_counts(
    lifecycle: str, transport: str, wire: str, ranks: int
) -> None:
    """Each in a session of its own: all that is set up is set up anew."""
    counts = set()
    for _ in range(20):
        verdict = counted(lifecycle, f"{transport}/{wire}", ranks)
        kinds = kinds_of(verdict)
        counts.add((verdict.complete, verdict.executions, verdict.trace_classes, kinds))
    assert len(counts) == 1
    assert counts.pop()[0]


def test_a_price_is_counted_and_the_same_each_time() -> None:
    """The tensor is copied into the segment once, and out of it by each of three ranks."""
    work = Work(handovers(["owner-unlinks"], ["fan-out"], 3)[0])
    first, second = cell(work).price, cell(work).price
    assert first == second and first is not None
    assert first.payload == 16384
    assert 4.0 <= first.bytes_copied / first.payload < 4.1
    assert first.segments_at_once == 1


def test_without_shared_memory_there_is_no_segment_and_the_bytes_travel() -> None:
    price = cell(Work(handovers(["inline"], ["fan-out"], 2)[0])).price
    assert price is not None
    assert (price.segments_at_once, price.system_calls) == (0, 0)
    assert price.bytes_copied > 3 * price.payload


def test_cells_come_in_order_whoever_searches_them() -> None:
    """Two workers give the same verdicts in the same order as none, and tell how far they are."""
    works = [
        Work(one, priced=False)
        for one in handovers(["deferred", "inline"], ["relay", "fan-out"], 2)
    ]
    told: list[tuple[int, int]] = []
    found = [cells(works, jobs, lambda done, of, _: told.append((done, of))) for jobs in (1, 2)]
    shown = [
        [(one.handover.lifecycle, one.verdict.status, one.verdict.trace_classes) for one in each]
        for each in found
    ]
    assert shown[0] == shown[1]
    assert shown[0] == [
        ("deferred", "fail", 3),
        ("deferred", "fail", 4),
        ("inline", "pass", 1),
        ("inline", "pass", 1),
    ]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)] * 2


DEADLY = SearchOptions.parse(
    budget=Budget(300), faults=["kill@rank*"], keep_going=True, detail=Detail.SHRUNK
)


@pytest.mark.parametrize("ranks", [1, pytest.param(2, marks=pytest.mark.reference)])
def test_a_death_is_searched_like_anything_else(ranks: int) -> None:
    """Nobody unlinks if a rank is killed; what needs no name is not left behind.  With one rank in
    each run, and with two with `-m reference`."""
    named, nameless = (
        cell(Work(handovers([name], ["fan-out"], ranks)[0], DEADLY, priced=False))
        for name in ("owner-unlinks", "descriptor-passing")
    )
    assert "leak" in named.kinds
    assert nameless.kinds == ()


@pytest.mark.parametrize("text", ["relais", "relay/carrier-pigeon", "/gloo"])
def test_an_unknown_transport_is_told_which_there_are(text: str) -> None:
    with pytest.raises(UsageError, match=r"there is no transport .*fan-out, relay.*gloo"):
        split(text)
