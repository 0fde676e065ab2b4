"""Tokens hold all that a replay needs, and broken ones say so."""

import signal

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from shmrace.errors import UsageError
from shmrace.model.schedule import Schedule
from shmrace.model.token import Token, parse

parameters = st.dictionaries(
    st.sampled_from(["ranks", "shape", "barrier"]),
    st.recursive(
        st.none()
        | st.integers()
        | st.booleans()
        | st.text()
        | st.binary()
        | st.sampled_from([signal.SIGKILL, OSError, len, torch.int8]),
        lambda inner: (
            st.lists(inner)
            | st.tuples(inner, inner)
            | st.dictionaries(st.text() | st.integers(), inner)
        ),
        max_leaves=6,
    ),
)


@given(
    parameters,
    st.lists(st.sampled_from(["kill", "kill@rank*"])),
    st.lists(st.integers(0, 5)),
    st.integers(0, 99),
)
def test_a_token_is_read_back_as_it_was_written(
    given_parameters: dict[str, object], faults: list[str], decisions: list[int], length: int
) -> None:
    token = Token(
        "Broadcast",
        tuple(sorted(given_parameters.items(), key=lambda item: item[0])),
        tuple(faults),
        2 if faults else 1,
        Schedule(decisions),
        "3f9c21",
        length,
    )
    again = parse(str(token))
    assert repr(again) == repr(token), "values and types"


def test_what_cannot_be_written_down_is_refused_and_what_is_gone_is_named() -> None:
    with pytest.raises(UsageError, match="cannot be encoded in a token"):
        str(Token("Broadcast", (("shape", object()),), (), 1, Schedule(), "3f9c21"))
    patch = pytest.MonkeyPatch()
    patch.setattr(signal, "passing", type("passing", (), {"__module__": "signal"}), raising=False)
    gone = str(Token("Broadcast", (("shape", signal.passing),), (), 1, Schedule(), "3f9c21"))  # type: ignore[attr-defined]
    patch.undo()
    with pytest.raises(UsageError, match="names signal:passing, which no longer exists"):
        parse(gone)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not of the form sr1-"),
        ("sr0-3f9c-abc", "is not of the form sr1-"),
        ("sr1-3f9c21", "is not of the form sr1-"),
        ("sr1-3f9c21-!!!", "cut or changed"),
        ("sr1-3f9c21-eJyr", "cut or changed"),
    ],
)
def test_a_broken_token_says_what_is_wrong_with_it(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse(text)


def test_a_token_that_lost_its_end_is_noticed() -> None:
    whole = str(Token("Broadcast", (("ranks", 3),), (), 1, Schedule([1, 2]), "3f9c21"))
    for length in range(11, len(whole) - 1):
        with pytest.raises(UsageError, match="broken token"):
            parse(whole[:length])
