"""Programs with file locks: the reduction meets what plain enumeration meets."""

import pytest

from tests.support.enumerating import BY_ITSELF, enumerated, reduced
from tests.support.lock_programs import PROGRAMS
from tests.support.lock_programs.base import Locks

pytestmark = [pytest.mark.usefixtures("nothing_is_left_behind"), pytest.mark.reference]

_TOO_MANY = frozenset({"NothingGivenBack", "InheritedByAChild", "LockedBehindAFork"})
"""Programs with thousands of orders."""


@pytest.mark.parametrize("program", [one for one in PROGRAMS if one.__name__ not in _TOO_MANY])
def test_outcomes_are_those_of_plain_enumeration(program: type[Locks]) -> None:
    """Whether a parent still waits for its child when that ends makes two classes of one, so those
    of programs that fork are not compared."""
    every = enumerated(program(), BY_ITSELF - {"exit"} | program.at_once)
    once = reduced(program())
    assert every.outcomes == once.outcomes
    assert program.forks or every.classes == once.classes
