"""Hypothesis follows no line of an execution: only the lines of the test itself explain a failure.

Once an example has failed, Hypothesis traces each line, to name those that only failing examples
run.  Without this it would name lines of shmrace, and each execution would take three times as
long.  Source: "explain" in https://hypothesis.readthedocs.io/en/latest/reference/api.html.
"""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

_NAME = "scrutineer"  # the module of Hypothesis that traces, and the name of its tool
_NUMBER = 3  # of its tool in sys.monitoring


@contextlib.contextmanager
def untraced() -> Iterator[None]:
    """Hypothesis' tracer rests during the block; any other tracer goes on."""
    monitoring: Any = getattr(sys, "monitoring", None)  # since Python 3.12
    if monitoring is not None and monitoring.get_tool(_NUMBER) == _NAME:
        events = monitoring.get_events(_NUMBER)
        monitoring.set_events(_NUMBER, 0)
        try:
            yield
        finally:
            monitoring.set_events(_NUMBER, events)
        return
    tracer = sys.gettrace()
    of_hypothesis = type(getattr(tracer, "__self__", None)).__module__.endswith(f".{_NAME}")
    if of_hypothesis:
        sys.settrace(None)
    try:
        yield
    finally:
        if of_hypothesis:
            sys.settrace(tracer)
