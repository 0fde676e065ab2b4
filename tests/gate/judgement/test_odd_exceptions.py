"""An exception whose own code raises is told by its type."""

from typing import NoReturn

import pytest

import shmrace
from shmrace.errors import UsageError


class Mute(Exception):
    def __str__(self) -> NoReturn:
        raise ValueError("no text")


class Exits(Exception):
    def __str__(self) -> NoReturn:
        raise SystemExit(0)


class Strange(Exception):
    """It equals whatever it is compared with, and shows itself as no text."""

    def __eq__(self, other: object) -> NoReturn:
        raise RuntimeError("not comparable")

    __hash__ = Exception.__hash__

    def __str__(self) -> str:
        return 1  # type: ignore[return-value]


class Noted(Exception):
    @property
    def __notes__(self) -> NoReturn:
        raise RuntimeError("no notes")


KINDS: dict[str, type[Exception]] = {
    "Mute": Mute, "Exits": Exits, "Strange": Strange, "Noted": Noted,
}  # fmt: skip


class Raises(shmrace.Scenario):
    ranks = 1
    kind = "Mute"
    where = "rank"

    def rank(self, world: shmrace.World) -> None:
        if self.where == "rank":
            raise KINDS[self.kind]() from KINDS[self.kind]()

    def check(self, execution: shmrace.Execution) -> None:
        if self.where == "check":
            raise KINDS[self.kind]()

    def accept(self, finding: shmrace.Breach, execution: shmrace.Execution) -> bool:
        if self.where == "accept":
            raise KINDS[self.kind]()
        return False


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Mute", ": (its text cannot be had: its __str__ raised ValueError)"),
        ("Exits", ": (its text cannot be had: its __str__ raised SystemExit)"),
        ("Strange", ": (its text cannot be had: its __str__ raised TypeError)"),
        ("Noted", ""),
    ],
)
def test_an_actor_that_raises_it_is_told_by_type_and_line(kind: str, text: str) -> None:
    (breach,) = shmrace.run(Raises(kind=kind)).breaches()
    assert breach.kind == "rank-error"
    assert breach.message.startswith(f"rank0 raised {kind} (test_odd_exceptions.py:")
    assert breach.message.endswith(f"){text}")


def test_a_check_that_raises_it_is_a_finding() -> None:
    (breach,) = shmrace.run(Raises(where="check")).breaches()
    assert breach.message.startswith("check raised Mute (test_odd_exceptions.py:")
    assert breach.message.endswith("(its text cannot be had: its __str__ raised ValueError)")


def test_an_accept_that_raises_it_is_a_mistake_of_the_scenario() -> None:
    class Fails(Raises):
        where = "accept"

        def rank(self, world: shmrace.World) -> None:
            assert False, "something to accept"  # noqa: B011, PT015

    with pytest.raises(UsageError, match=r"accept of Fails raised Mute: \(its text cannot"):
        shmrace.run(Fails)
