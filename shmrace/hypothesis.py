"""Schedules as a Hypothesis strategy, and the settings that fit them.

A schedule is drawn as a few switches with so many decisions to carry on before each, so that most
executions have few preemptions, anywhere, and shrinking removes preemptions before it moves them.
Any list is a schedule and every list can be drawn.  Source: https://hypothesis.readthedocs.io;
that few preemptions find most bugs: Musuvathi and Qadeer, PLDI'07.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from shmrace.model.schedule import Schedule

_GAPS, _CHOICES = 16, 8
"""A switch is one byte, choice * 16 + gap: Hypothesis draws bytes as one choice, and a list of
integers as two for each of them."""

PROFILE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Without a deadline, which forking processes now and then would miss; also by the name "shmrace",
as in ``pytest --hypothesis-profile shmrace``."""


def schedules(faults: Sequence[str] = (), max_faults: int = 1) -> st.SearchStrategy[Any]:
    """Decisions for `shmrace.run`; the simplest are none, and strike nobody.

    Lists of integers; with `faults`, such as "kill@rank*", schedules in which at most `max_faults`
    of them strike.  Raises `UsageError` for a fault that there is not.
    """
    if not faults:
        return st.binary().map(_decisions)
    from shmrace.engine.faults.rules import parse  # which is there on Linux alone

    texts = (faults,) if isinstance(faults, str) else tuple(faults)
    for text in texts:
        parse(text)
    return _with_faults(texts, max_faults)


@st.composite
def _with_faults(draw: st.DrawFn, faults: tuple[str, ...], max_faults: int) -> Schedule:
    """Composed, so that a failing example is shown as the schedule that it is."""
    return Schedule(_decisions(draw(st.binary())), faults, max_faults)


def register() -> None:
    """Make the profile known by its name; the pytest plugin does, where a run asks for it."""
    settings.register_profile("shmrace", PROFILE)


def _decisions(switches: bytes) -> list[int]:
    found: list[int] = []
    for switch in switches:
        choice, gap = divmod(switch % (_GAPS * _CHOICES), _GAPS)
        found += [0] * gap + [choice]
    while found and found[-1] == 0:
        found.pop()
    return found
