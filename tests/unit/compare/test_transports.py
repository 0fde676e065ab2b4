"""Transports without processes: who reads, which links and groups they need of a wire."""

import importlib

import pytest

from shmrace.compare.transports import TRANSPORTS
from shmrace.compare.transports.transport import Transport, halves
from shmrace.compare.transports.wire import Plan, peers_of


def made(name: str, ranks: int) -> Transport:
    module, _, kind = TRANSPORTS[name].partition(":")
    found = getattr(importlib.import_module(f"shmrace.compare.transports.{module}"), kind)(ranks)
    assert isinstance(found, Transport)
    return found


@pytest.mark.parametrize("name", TRANSPORTS)
@pytest.mark.parametrize("ranks", [1, 2, 3, 5])
def test_every_rank_is_reached_and_no_group_is_of_one(name: str, ranks: int) -> None:
    transport = made(name, ranks)
    plan = transport.plan()
    assert set(plan.actors()) == {"sender", *transport.ranks}
    assert all(len(group) > 1 for group in plan.groups)
    assert set(transport.readers) <= set(transport.ranks)


def test_the_ranks_are_halved_and_the_first_half_is_the_larger() -> None:
    assert halves(("a", "b", "c")) == (("a", "b"), ("c",))
    assert halves(("a",)) == (("a",),)


def test_two_levels_of_five_ranks_are_two_groups_and_their_firsts() -> None:
    assert made("two-level", 5).plan() == Plan(
        frozenset({("sender", "rank0")}),
        (("rank0", "rank3"), ("rank0", "rank1", "rank2"), ("rank3", "rank4")),
    )


def test_a_star_leads_from_its_first_to_each_other_and_back() -> None:
    assert peers_of(["a", "b", "c"]) == [("a", "b"), ("a", "c"), ("b", "a"), ("c", "a")]
