"""The value of the fixture `race`: it explores a scenario, and fails with the report.

The finding of an earlier run is replayed first.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from shmrace.errors import GateRefused, Inconclusive, RaceFound, UsageError
from shmrace.linux import unsupported
from shmrace.model import token
from shmrace.model.verdict import Door, Verdict
from shmrace.pytest_plugin import options
from shmrace.pytest_plugin.searched import Searched, searched
from shmrace.scenario.base import Scenario, instance_of

if TYPE_CHECKING:
    from shmrace.api.regressions import SavedTokens
    from shmrace.compare.pair import Comparison
    from shmrace.search.options import SearchOptions


class Race:
    """One object for the pytest session; it knows which test is running."""

    def __init__(self, config: pytest.Config) -> None:
        self.item: pytest.Item | None = None
        self._config = config
        self._refused: str | None = None  # why there is no gate; None: not tried yet
        self._searches: list[Searched] | None = None  # of the running test, if any

    def __call__(self, scenario: type[Scenario] | Scenario, **search: Any) -> Verdict:
        """Explore a scenario, and return the verdict of a pass.

        Raises the error of the first finding, or `Inconclusive`.  Raises `UsageError` for an
        unknown keyword or an invalid value, and `GateError` if a process of shmrace's was ended
        from outside.  Skips the test if there is no gate.
        """
        __tracebackhide__ = True
        self.needs_gate()
        settings = options.resolve(self._config, self.item, search)
        ranks = settings.pop("ranks", None)
        instance = _with_ranks(instance_of(scenario), ranks, "ranks" in search)
        wanted = _options(settings)
        try:
            verdict = self._verdict(instance, wanted)
        except GateRefused as error:  # this scenario needs more than the machine allows
            self._skip(error.why)
        self._note(verdict, instance)
        self._debug(instance, verdict)
        return verdict.check()

    def no_worse(
        self,
        candidate: type[Scenario] | Scenario,
        *,
        than: type[Scenario] | Scenario,
        **search: Any,
    ) -> Comparison:
        """Run a candidate and a baseline on identical schedules.

        Returns the comparison, if the candidate has no new kind of finding.  Otherwise raises the
        error of the first new finding.  Raises `Inconclusive` if one of the searches is.
        """
        __tracebackhide__ = True
        self.needs_gate()
        from shmrace.compare.pair import check

        settings = options.resolve(self._config, self.item, search)
        ranks = settings.pop("ranks", None)
        pair = [
            _with_ranks(instance_of(one), ranks, "ranks" in search) for one in (than, candidate)
        ]
        try:
            found = check(pair[0], pair[1], _options(settings))
        except (RaceFound, Inconclusive) as error:
            self._note(error.verdict, pair[1])
            raise
        self._note(found.baseline, pair[0])
        self._note(found.candidate, pair[1])
        return found

    def needs_gate(self) -> None:
        """Skip the test if there is no gate; for tests that call `shmrace.run` themselves.

        Raises `GateError` if a trial of the gate was disturbed, which says nothing about it.
        """
        if self._refused is None:
            from shmrace.tools.doctor import refusal

            self._refused = unsupported.reason() or refusal()
        if self._refused:
            self._skip(self._refused)

    def take_searches(self) -> list[Searched] | None:
        """The searches since the last call, which are those of one test.

        Empty if the test was skipped because there is no gate; None if it did not search.
        """
        found, self._searches = self._searches, None
        return found

    def _note(self, verdict: Verdict, scenario: Scenario) -> None:
        self._searches = [*(self._searches or ()), searched(verdict, scenario)]

    def _skip(self, why: str) -> NoReturn:
        self._searches = self._searches or []
        pytest.skip(f"no gate: {why}; see shmrace doctor")

    def _verdict(self, scenario: Scenario, wanted: SearchOptions) -> Verdict:
        from shmrace.api.regressions import key_of, regression_first
        from shmrace.api.replay import replay, subject_of_token
        from shmrace.judgement.verdict import subject_of
        from shmrace.search.search import Search

        asked_for = self._config.getoption("--shmrace-replay")
        if asked_for:
            given = token.parse(asked_for)
            if given.scenario != type(scenario).__name__:
                pytest.skip(f"--shmrace-replay holds a token of {given.scenario}")
            return replay(scenario, asked_for, subject_of_token(scenario, given, door=self._door()))
        subject = subject_of(scenario, door=self._door())
        search = Search(scenario, wanted, subject)
        saved = self._saved()
        if saved is None:
            return search.run()
        key = key_of(scenario, wanted, self._test)
        return regression_first(saved, key, scenario, subject, search.run)

    def _door(self) -> Door:
        """The links under a report, relative to the directory in which pytest ran."""
        if self.item is None:
            return Door()
        here = self._config.invocation_params.dir
        _, apart, rest = self.item.nodeid.partition("::")
        folder = options.report_directory(self._config)
        return Door(
            os.path.relpath(self.item.path, here) + apart + rest,
            os.path.relpath(folder, here) if folder is not None else "",
        )

    @property
    def _test(self) -> str:
        return self.item.nodeid if self.item is not None else "no test"

    def _saved(self) -> SavedTokens | None:
        """The tokens in pytest's cache; None if the cache is switched off."""
        from shmrace.api.regressions import SavedTokens

        cache = getattr(self._config, "cache", None)
        return SavedTokens(Path(cache.mkdir("shmrace"))) if cache is not None else None

    def _debug(self, scenario: Scenario, verdict: Verdict) -> None:
        """With --shmrace-pdb, replay the failure with that actor at the terminal."""
        actor = self._config.getoption("--shmrace-pdb")
        if not actor or not verdict.findings or not verdict.findings[0].token:
            return
        from shmrace.api.replay import debug

        try:
            with self._terminal():
                debug(scenario, verdict.findings[0].token, actor)
        except UsageError as error:
            warnings.warn(f"--shmrace-pdb: {error}", stacklevel=2)

    @contextlib.contextmanager
    def _terminal(self) -> Iterator[None]:
        """A block in which the actor has the terminal, and no time limit runs."""
        hooks = self._config.pluginmanager.hook
        if hasattr(hooks, "pytest_timeout_cancel_timer"):
            hooks.pytest_timeout_cancel_timer(item=self.item)
        manager = self._config.pluginmanager.getplugin("capturemanager")
        if manager is not None:
            manager.suspend_global_capture(in_=True)
        try:
            yield
        finally:
            if manager is not None:
                manager.resume_global_capture()


def _options(settings: dict[str, Any]) -> SearchOptions:
    from shmrace.search.options import SearchOptions

    return SearchOptions.parse(**settings)


def _with_ranks(scenario: Scenario, ranks: int | None, argument: bool) -> Scenario:
    """The scenario with `ranks` ranks, unless it was made with its own number or has no ranks.

    An `argument` of `race` replaces the scenario's own number too.
    """
    if ranks is None or not hasattr(scenario, "rank"):
        return scenario
    if "ranks" in vars(scenario) and not argument:
        return scenario
    return scenario.replaced(ranks=ranks)
