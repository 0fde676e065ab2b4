"""A scenario whose methods cannot be called as they are going to be is refused before it runs."""

from typing import Any

import pytest

import shmrace
from shmrace.scenario.base import instance_of


def scenario(**methods: Any) -> type[shmrace.Scenario]:
    return type("Mine", (shmrace.Scenario,), {"rank": lambda self, world: None, **methods})


async def waits(self: object, world: object) -> None: ...


def yields(self: object, world: object) -> Any:
    yield


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ({"rank": lambda self: None}, r"rank of Mine \(.*signatures.py:\d+\) must take \(self, wo"),
        ({"rank": lambda self, world, payload: None}, "a payload only if the scenario defines"),
        (
            {"sender": lambda self, world: 1, "rank": lambda self, world, payload, more: None},
            r"must take \(self, world, payload\)$",
        ),
        ({"sender": lambda self: 1}, r"sender of Mine .* must take \(self, world\)"),
        ({"rank": 3}, "rank of Mine must be a method, not 3"),
        ({"rank": waits}, "is async: it must be a plain function"),
        ({"rank": yields}, "is a generator: it must be a plain function"),
        ({"work": shmrace.actor()(lambda self: None)}, r"work of Mine .* must take \(self, wo"),
        ({"setup": lambda self: None}, r"setup of Mine .* must take \(self, world\)"),
        ({"check": lambda self: None}, r"check of Mine .* must take \(self, execution\)"),
        ({"accept": lambda self, one: True}, r"accept of Mine .* must take \(self, finding, exec"),
    ],
)  # fmt: skip
def test_what_cannot_be_called_is_named_with_its_place(
    methods: dict[str, Any], message: str
) -> None:
    with pytest.raises(shmrace.UsageError, match=message):
        instance_of(scenario(**methods))


def test_what_can_be_called_is_taken() -> None:
    """With or without a payload, with more that has a default, static, or as anything goes."""
    instance_of(scenario())
    instance_of(scenario(sender=lambda self, world: 1))
    instance_of(scenario(sender=lambda self, world: 1, rank=lambda self, world, payload: None))
    instance_of(scenario(rank=lambda self, world, more=3: None))
    instance_of(scenario(rank=staticmethod(lambda world: None)))
    instance_of(scenario(rank=lambda self, *anything: None))


def test_parameters_are_given_by_name() -> None:
    with pytest.raises(shmrace.UsageError, match=r"by name, as in Mine\(ranks=2\)"):
        scenario()(3)


def test_a_class_that_needs_arguments_is_given_as_an_instance() -> None:
    class Sized(scenario()):  # type: ignore[misc]
        def __init__(self, size: int) -> None: ...

    with pytest.raises(
        shmrace.UsageError, match=r"needs more arguments than its parameters .*'size'"
    ):
        instance_of(Sized)
