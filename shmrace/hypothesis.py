"""Schedules as a Hypothesis strategy, and the settings that fit them.

A schedule is drawn as a list of switches.  Each switch has a number of decisions before it that
continue the running actor.  So most schedules have few preemptions, at any place, and shrinking
removes preemptions before it moves them.  Every list of integers is a schedule, and can be drawn.

Source: https://hypothesis.readthedocs.io; Musuvathi and Qadeer, PLDI'07, show that few preemptions
find most bugs.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from shmrace.model.schedule import Schedule

_GAPS, _CHOICES = 16, 8
"""A switch is one byte, choice * 16 + gap.  Hypothesis draws bytes as a single choice, but a list
of integers as two choices for each integer."""

PROFILE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Settings without a deadline, because an example that forks processes may miss it.  The pytest
plugin registers them as the profile "shmrace", for ``pytest --hypothesis-profile shmrace``."""


def schedules(faults: Sequence[str] = (), max_faults: int = 1) -> st.SearchStrategy[Any]:
    """A strategy for schedules to give to `shmrace.run`.

    Without `faults` it draws lists of integers; with `faults`, such as "kill@rank*", it draws a
    `Schedule` in which at most `max_faults` of them strike.  The simplest value is the empty
    schedule, without preemptions and faults.  Raises `UsageError` for an unknown fault.
    """
    if not faults:
        return st.binary().map(_decisions)
    from shmrace.engine.faults.rules import parse  # works on Linux only

    texts = (faults,) if isinstance(faults, str) else tuple(faults)
    for text in texts:
        parse(text)
    return _with_faults(texts, max_faults)


@st.composite
def _with_faults(draw: st.DrawFn, faults: tuple[str, ...], max_faults: int) -> Schedule:
    """A composite strategy, so that Hypothesis shows a failing example as a `Schedule`."""
    return Schedule(_decisions(draw(st.binary())), faults, max_faults)


def register() -> None:
    """Register the profile; the pytest plugin calls this if a run asks for the profile."""
    settings.register_profile("shmrace", PROFILE)


def _decisions(switches: bytes) -> list[int]:
    found: list[int] = []
    for switch in switches:
        choice, gap = divmod(switch % (_GAPS * _CHOICES), _GAPS)
        found += [0] * gap + [choice]
    while found and found[-1] == 0:
        found.pop()
    return found
