"""Scenarios: roles, parameters, and what is refused."""

import pickle

import pytest

import shmrace
from shmrace.errors import UsageError
from shmrace.scenario.base import Scenario, World, instance_of, size_in_bytes


class Broadcast(Scenario):
    """A sender and ranks.

    More about it.
    """

    ranks = 3
    shape = (4, 4)

    def sender(self, world: World) -> int:
        return 1

    def rank(self, world: World, payload: int) -> int:
        return payload


class Engine(Scenario):
    """Roles with names of their own."""

    workers = 2

    @shmrace.actor()
    def leader(self, world: World) -> None: ...

    @shmrace.actor(count="workers")
    def worker(self, world: World) -> None: ...

    def late(self, world: World) -> None: ...


def test_actors_come_in_the_order_sender_ranks_marked_roles() -> None:
    assert [part.name for part in Broadcast().parts()] == ["sender", "rank0", "rank1", "rank2"]
    assert [part.name for part in Engine(workers=3).parts()] == [
        "leader", "worker0", "worker1", "worker2",
    ]  # fmt: skip


def test_an_instance_prints_as_code_and_travels_pickled() -> None:
    instance = Broadcast(ranks=2, shape=(3, 8))
    assert repr(instance) == "Broadcast(ranks=2, shape=(3, 8))"
    assert repr(Broadcast()) == "Broadcast()"
    assert pickle.loads(pickle.dumps(instance)).parameters() == instance.parameters()


def test_a_class_and_an_instance_are_taken_alike() -> None:
    assert instance_of(Broadcast).ranks == 3
    assert instance_of(Broadcast(ranks=2)).ranks == 2


def test_a_payload_goes_to_ranks_that_take_one() -> None:
    assert Broadcast().payload_to_ranks()
    assert not Engine().payload_to_ranks()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Broadcast(colour=1), "no parameter 'colour'; it has: ranks"),
        (lambda: Broadcast(ranks=0), "ranks must be a whole number of at least 1, not 0"),
        (lambda: Broadcast(start="thread"), "start must be one of warm, fork"),
        (lambda: Broadcast(shm_size="big"), "shm_size must be a number of bytes"),
        (lambda: Engine(workers=0), "must come to a whole number of at least 1, not 0"),
        (Scenario, "has no actors"),
        (lambda: instance_of(3), "is not a shmrace.Scenario"),  # type: ignore[arg-type]
    ],
)
def test_bad_parameters_are_refused_in_one_line(make: object, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as caught:
        make()  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_sizes_have_units() -> None:
    assert size_in_bytes(None) is None
    assert [size_in_bytes(one) for one in (512, "4k", "1m", "2G")] == [512, 4096, 1 << 20, 2 << 30]
