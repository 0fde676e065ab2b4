"""Tokens hold all that a replay needs, and broken ones say so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shmrace.errors import UsageError
from shmrace.schedule import Schedule
from shmrace.token import Token, parse

parameters = st.dictionaries(
    st.sampled_from(["ranks", "shape", "barrier"]),
    st.one_of(st.integers(1, 9), st.booleans(), st.tuples(st.integers(), st.integers())),
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
        tuple(sorted(given_parameters.items())),
        tuple(faults),
        2 if faults else 1,
        Schedule(decisions),
        "3f9c21",
        length,
    )
    assert parse(str(token)) == token


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "does not begin with sr1-"),
        ("sr0-3f9c-abc", "does not begin with sr1-"),
        ("sr1-3f9c21", "does not begin with sr1-"),
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
