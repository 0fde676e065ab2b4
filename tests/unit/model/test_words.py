"""Words that are data: each is a plain string with a meaning, and none is forgotten."""

import json
import pickle

import pytest

import shmrace
from shmrace import errors
from shmrace.linux.calls.table import SHAPES
from shmrace.model.assumptions import Assumption
from shmrace.model.faults import FaultKind
from shmrace.model.objects import ObjectKind
from shmrace.model.operations import Operation, Outcome, SegmentKind
from shmrace.model.words import Word
from shmrace.search.options import Detail

ALL = (Assumption, FaultKind, ObjectKind, Operation, Outcome, SegmentKind, Detail)

CALLS = frozenset("""open futex connect ask select epoll child random closed""".split())
"""Kinds of calls that no reader sees: the operation follows from what they find."""


@pytest.mark.parametrize("kind", ALL)
def test_every_word_has_a_meaning_and_is_itself_wherever_it_is_written(kind: type[Word]) -> None:
    """In messages, in JSON, in another process, and in what fingerprints are made of."""
    for word in kind:
        assert word.meaning
        assert f"{word}" == str(word) == word.value
        assert repr(word) == repr(word.value)
        assert json.dumps(word) == json.dumps(word.value)
        assert pickle.loads(pickle.dumps(word)) is word


def test_every_system_call_at_the_gate_is_an_operation_with_a_meaning() -> None:
    kinds = {shape.kind for shape in SHAPES.values()} | {"opaque", "through"}
    assert kinds - CALLS <= set(Operation)


def test_every_kind_of_finding_has_a_meaning_and_is_public() -> None:
    """Its error's docstring is the meaning; users catch it as `shmrace.Leak`."""
    for kind, race in errors.RACES.items():
        assert race.kind == kind
        assert race.__doc__
        assert getattr(shmrace, race.__name__) is race
        assert race.__name__ in shmrace.__all__
        assert set(race.breaks) <= set(errors.ASSERTIONS)


def test_every_assertion_of_a_verdict_is_broken_by_some_kind() -> None:
    assert {name for race in errors.RACES.values() for name in race.breaks} == set(
        errors.ASSERTIONS
    )
