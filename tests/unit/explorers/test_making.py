"""An explorer is made by its name, and refuses what it would ignore."""

import pytest

from shmrace import explorers
from shmrace.errors import UsageError
from shmrace.explorers import EXPLORERS, Bounded, Dpor, Pct
from shmrace.explorers.up_to_symmetry import UpToSymmetry


@pytest.mark.parametrize("name", EXPLORERS)
def test_each_is_made_by_its_name(name: str) -> None:
    assert type(explorers.make(name, 0)) is EXPLORERS[name]


def test_a_number_behind_the_name_of_pct_is_its_depth() -> None:
    made = explorers.make("pct2", 5)
    assert (type(made), made.name, made.seed) == (Pct, "pct2", 5)
    assert explorers.make("pct").name == "pct"


def test_only_the_exhaustive_one_makes_use_of_peers() -> None:
    assert type(explorers.make("dpor", 0, [["a", "b"]])) is UpToSymmetry
    assert type(explorers.make("dpor", 0, [])) is Dpor
    assert type(explorers.make("bounded", 0, [["a", "b"]])) is Bounded


def test_a_bound_on_delays_alone_bounds_no_preemptions() -> None:
    made = explorers.make("bounded", 0, (), {"preemptions": None, "delays": 1})
    assert made.covered == ""
    assert not made.complete


@pytest.mark.parametrize(
    ("name", "seed", "bounds", "complaint"),
    [
        ("guess", 0, {}, "unknown explorer 'guess': there are dpor, bounded, pct"),
        ("pct0", 0, {}, "unknown explorer 'pct0'"),
        ("walk2", 0, {}, "unknown explorer 'walk2'"),
        ("dpor", 1, {}, "the explorer dpor has no use for a seed"),
        ("walk", 1, {"preemptions": 1, "delays": None}, "walk bounds no preemptions"),
    ],
)
def test_what_it_would_ignore_is_refused(
    name: str, seed: int, bounds: dict[str, int | None], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        explorers.make(name, seed, (), bounds)
