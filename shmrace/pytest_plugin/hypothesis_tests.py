"""Settings of Hypothesis tests that use shmrace: no deadline, because forks would miss it.

If the author of such a test chose no settings, the test gets those of `shmrace.hypothesis.PROFILE`,
applied to the settings in force.
"""

import types
from typing import Any

import pytest

_NAME = "shmrace"


def register_profile(config: pytest.Config) -> None:
    """Register the profile if this run asks for it.  Otherwise Hypothesis is not imported."""
    if config.known_args_namespace.__dict__.get("hypothesis_profile") == _NAME:
        from shmrace.hypothesis import register

        register()


def fit_settings(item: pytest.Item) -> None:
    """Remove the deadline of a Hypothesis test that uses shmrace, unless its author set one."""
    test = getattr(item, "obj", None)
    if not getattr(test, "is_hypothesis_test", False) or not _uses_shmrace(item):
        return
    from hypothesis import HealthCheck, errors, settings

    in_force = settings()
    checks = {*in_force.suppress_health_check, HealthCheck.too_slow}
    try:
        settings(in_force, deadline=None, suppress_health_check=sorted(checks, key=str))(
            getattr(test, "__func__", test)
        )
    except errors.InvalidArgument:
        return  # the author chose the settings


def _uses_shmrace(item: pytest.Item) -> bool:
    """Does the test use `race`, have the mark, or name something of shmrace in its code?"""
    if "race" in getattr(item, "fixturenames", ()) or item.get_closest_marker("shmrace"):
        return True
    test: Any = getattr(item, "obj", None)
    inner = getattr(getattr(test, "hypothesis", None), "inner_test", None)
    code, known = getattr(inner, "__code__", None), getattr(inner, "__globals__", {})
    return code is not None and any(_is_ours(known.get(name)) for name in code.co_names)


def _is_ours(value: object) -> bool:
    module = value.__name__ if isinstance(value, types.ModuleType) else None
    module = module or getattr(value, "__module__", None)
    return isinstance(module, str) and module.partition(".")[0] == "shmrace"
