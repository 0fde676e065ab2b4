"""Hypothesis tests that run schedules need no deadline: forking processes would miss it.

A test whose author chose no settings of their own, and which uses shmrace, gets those of
`shmrace.hypothesis.PROFILE` on top of what is in force.
"""

import types

import pytest

_NAME = "shmrace"


def register_profile(config: pytest.Config) -> None:
    """Make the profile known, if this run asks for it; else leave Hypothesis unimported."""
    if config.known_args_namespace.__dict__.get("hypothesis_profile") == _NAME:
        from shmrace.hypothesis import register

        register()


def fit_settings(item: pytest.Item) -> None:
    """Take the deadline off a Hypothesis test that uses shmrace."""
    test = getattr(item, "obj", None)
    if not getattr(test, "is_hypothesis_test", False) or not _uses_shmrace(item):
        return
    from hypothesis import errors, settings

    from shmrace.hypothesis import PROFILE

    fitting = settings(
        deadline=None, suppress_health_check=PROFILE.suppress_health_check
    )  # on top of the profile in force
    try:
        fitting(getattr(test, "__func__", test))
    except errors.InvalidArgument:
        return  # the author chose


def _uses_shmrace(item: pytest.Item) -> bool:
    if "race" in getattr(item, "fixturenames", ()) or item.get_closest_marker("shmrace"):
        return True
    module = getattr(item, "module", None)
    return any(_is_ours(one) for one in vars(module).values()) if module is not None else False


def _is_ours(value: object) -> bool:
    if isinstance(value, types.ModuleType):
        return value.__name__.partition(".")[0] == "shmrace"
    return isinstance(value, type) and value.__module__.partition(".")[0] == "shmrace"
