"""The reduction on real code: it runs as many classes as the closed forms say, and misses none."""

from collections.abc import Collection
from functools import lru_cache

import pytest

from shmrace.scenario import loading
from shmrace.search.budget import Budget
from shmrace.search.options import Detail, SearchOptions
from shmrace.search.search import Search
from tests.support.enumerating import BY_ITSELF, SIZES_AND_MAPPINGS, enumerated, reduced

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


def eager(ranks: int) -> int:
    """N * 2^(N-1): each rank attaches and unlinks, and the first unlink decides who finds it."""
    return ranks << (ranks - 1)


def deferred(ranks: int) -> int:
    """(N+1) * 2^(N-2): rank 0 attaches, relays, unlinks; the others attach and unlink."""
    return (ranks + 1) << (ranks - 2)


def behind_a_barrier(ranks: int) -> int:
    """N: who is the first to unlink."""
    return ranks


CLOSED_FORMS = {
    "sglang-eager": eager,
    "sglang-deferred": deferred,
    "sglang-deferred-barrier": behind_a_barrier,
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "ranks", [2, 3, *(pytest.param(many, marks=pytest.mark.reference) for many in (4, 5, 6))]
)
@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_executions_are_those_of_the_closed_form(name: str, ranks: int) -> None:
    """With symmetry off; what real code does beyond attaching and unlinking adds no class."""
    scenario = loading.load(name)(ranks=ranks, interchangeable=False)
    verdict = Search(
        scenario, SearchOptions.parse(budget=Budget(200), keep_going=True, detail=Detail.SEEN)
    ).run()
    assert verdict.complete
    assert not verdict.symmetry
    assert verdict.executions == verdict.trace_classes == CLOSED_FORMS[name](ranks)


def raw(ranks: int, calls: int) -> int:
    """In how many orders eager ranks can make their calls, of which the first attaches and the last
    unlinks; who comes too late to attach makes no more."""

    @lru_cache(None)
    def orders(left: tuple[int, ...], gone: bool) -> int:
        found = 0
        for rank, calls_left in enumerate(left):
            if calls_left:
                after = 0 if calls_left == calls and gone else calls_left - 1
                then = (*left[:rank], after, *left[rank + 1 :])
                found += orders(tuple(sorted(then)), gone or calls_left == 1)
        return found or 1

    return orders((calls,) * ranks, False)


def test_eager_ranks_that_attach_and_unlink_have_so_many_orders() -> None:
    assert [raw(ranks, calls=2) for ranks in (2, 3, 4, 5)] == [6, 66, 1176, 31320]


ORDERS = {
    ("sglang-eager", 2): raw(2, calls=5),
    ("sglang-eager", 3): raw(3, calls=2),
    ("sglang-deferred", 2): 6,
    ("sglang-deferred", 3): 22,
    ("sglang-deferred-barrier", 2): 6,
    ("sglang-deferred-barrier", 3): 180,
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_the_classes_and_outcomes_of_two_ranks_are_those_of_every_order_of_their_calls(
    name: str,
) -> None:
    """attach, stat, stat, map, unlink in each rank: (5 + 5)! / (5! * 5!) = 252 orders if eager; the
    deferred rank 0 has none of its calls but the unlink beside those of rank 1; behind a barrier,
    each passes it and unlinks."""
    _come_to_the_same(name, 2, BY_ITSELF)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_the_classes_and_outcomes_of_three_ranks_are_those_of_every_order_of_their_names(
    name: str,
) -> None:
    """Sizes and mappings are left to happen at once: that they add nothing was seen with two."""
    _come_to_the_same(name, 3, BY_ITSELF | SIZES_AND_MAPPINGS)


def _come_to_the_same(name: str, ranks: int, at_once: Collection[str]) -> None:
    scenario = loading.load(name)(ranks=ranks, interchangeable=False)
    every, once = enumerated(scenario, at_once), reduced(scenario)
    assert (every.classes, every.outcomes) == (once.classes, once.outcomes)
    assert len(every.classes) == CLOSED_FORMS[name](ranks)
    assert every.executions == ORDERS[name, ranks]


def test_a_pipe_and_a_barrier_come_to_what_every_order_of_the_names_does() -> None:
    """Two children, whose sizes and mappings are left to happen at once.  That every run shows the
    same classes is tested with the warm processes, and in twenty runs of the catalogue's test."""
    scenario = loading.load("pipe-and-barrier")()
    every, once = enumerated(scenario, BY_ITSELF | SIZES_AND_MAPPINGS), reduced(scenario)
    assert every.outcomes == once.outcomes
    assert once.executions == len(once.classes) == 22
    assert not any(found for found, _ in once.outcomes)
