"""Hypothesis explains a failure by lines of the test, and by none of what runs untraced."""

import sys

from hypothesis.internal.scrutineer import Tracer

from shmrace.api.untraced import untraced


def _called() -> int:
    return 1


def _traced(tracer: Tracer, function: str) -> bool:
    """Was a line of this function of this file traced?"""
    first = globals()[function].__code__.co_firstlineno
    return any(where == (__file__, first + 1) for branch in tracer.branches for where in branch)


def _follow() -> int:
    return 2


def test_a_block_that_is_untraced_is_skipped_and_what_follows_is_not() -> None:
    before = sys.gettrace()
    sys.settrace(None)  # that of a debugger, or of coverage
    try:
        with Tracer(should_trace=True) as tracer:
            with untraced():
                _called()
            _follow()
    finally:
        sys.settrace(before)
    assert not _traced(tracer, "_called")
    assert _traced(tracer, "_follow")


def test_another_tracer_goes_on() -> None:
    seen = []

    def trace(frame: object, event: str, argument: object) -> None:
        seen.append(event)

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with untraced():
            _called()
    finally:
        sys.settrace(before)
    assert "call" in seen
