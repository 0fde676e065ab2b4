"""A result travels as plain data, or is not opened at all."""

import enum
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shmrace.engine.protocol import decoded, encoded
from shmrace.model.returned import MOST_BYTES, MOST_ITEMS, NotPlain, Returned, plain, value_of

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.binary(max_size=9)
    | st.complex_numbers(allow_nan=False) | st.text(st.characters(codec=None), max_size=9)
)  # fmt: skip
VALUES = st.recursive(
    SCALARS | st.frozensets(SCALARS, max_size=3) | st.sets(SCALARS, max_size=3),
    lambda one: (
        st.lists(one, max_size=3)
        | st.lists(one, max_size=3).map(tuple)
        | st.dictionaries(SCALARS, one, max_size=3)
    ),
    max_leaves=6,
)


class Colour(enum.IntEnum):
    RED = 1


@given(value=VALUES)
def test_plain_data_comes_back_as_it_was(value: Any) -> None:
    """Through the gate too."""
    again = value_of(decoded(encoded(plain(value))))
    assert (type(again), again) == (type(value), value)


def test_types_and_signs_come_back() -> None:
    value = [bytearray(b"x"), -0.0, math.inf, math.nan, True, 1, 1.0, (), set(), "\ud800"]
    assert repr(value_of(decoded(encoded(plain(value))))) == repr(value)


@pytest.mark.parametrize(
    "value", [object(), Colour.RED, len, [Colour.RED], {1: object()}, [1 << 70_000]]
)
def test_all_else_is_not_plain(value: object) -> None:
    """A subclass of a built-in type may hold code, too."""
    with pytest.raises(NotPlain):
        plain(value)


def test_too_much_is_not_plain() -> None:
    nested: list[Any] = []
    for _ in range(100):
        nested = [nested]
    for value in ("x" * (MOST_BYTES + 1), [0] * (MOST_ITEMS + 1), nested):
        with pytest.raises(NotPlain):
            plain(value)


def test_a_number_of_numpy_is_a_number() -> None:
    numpy = pytest.importorskip("numpy")
    assert plain([numpy.float64(1.5), numpy.int8(3)]) == ["list", 1.5, 3]
    assert math.isnan(value_of(plain(numpy.float32("nan"))))


@pytest.mark.parametrize(
    "encoded", [(), ("nobody",), ("dict", 1), ("set", ("list",)), ("int",), {}]
)
def test_what_nobody_has_encoded_is_no_value(encoded: Any) -> None:
    with pytest.raises(ValueError, match="no value"):
        value_of(encoded)


def test_a_returned_says_how_the_object_is_had() -> None:
    with pytest.raises(AttributeError, match=r"a Tensor that an actor returned.* is \.unpickle"):
        Returned("Tensor", "tensor(1)", b"").shape  # noqa: B018
    with pytest.raises(ValueError, match="too large to be kept"):
        Returned("Tensor", "tensor(1)", b"").unpickle()
