"""The pytest plugin: the fixture `race`, the mark, the options.

``race(scenario)`` explores a scenario, and fails with the report.  Options of the search are given
by ``@pytest.mark.shmrace(budget="5s")``.  Processes end with the test that started them.
"""

from collections.abc import Generator
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

import shmrace
from shmrace.errors import GateError, Inconclusive, RaceFound, UsageError
from shmrace.linux import unsupported
from shmrace.model.prose import plain_text
from shmrace.pytest_plugin import hypothesis_tests, options, report_files, summary
from shmrace.pytest_plugin.race import Race
from shmrace.pytest_plugin.searched import properties
from shmrace.pytest_plugin.summary import Summary

__all__ = ["Race", "race"]

_PACKAGE = Path(shmrace.__file__).parent
_RUNNING = pytest.StashKey[Race]()


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "shmrace(explorer, budget, ranks, seed, faults, max_faults): how `race` searches in this"
        " test",
    )
    try:
        options.check(config)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[_RUNNING] = Race(config)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Summary(), "shmrace-summary")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Register the profile before Hypothesis' own plugin looks for it.

    What is open now is pytest's own: it captures by now, and no code of the user's has run.
    """
    hypothesis_tests.register_profile(early_config)
    if not unsupported.reason():
        from shmrace.engine.processes.runner_files import RUNNER_FILES

        RUNNER_FILES.note()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        try:
            options.check_marks(item)
        except UsageError as error:
            raise pytest.UsageError(f"{item.nodeid}: {error}") from None
        hypothesis_tests.fit_settings(item)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[_RUNNING].item = item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Processes that are kept for a test's next example end with the test."""
    if unsupported.reason():
        return (yield)
    from shmrace.api.process_reuse import keep_processes

    with keep_processes():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make the report of shmrace the text of a failure, and attach the test's searches."""
    searches = item.config.stash[_RUNNING].take_searches()
    if searches:
        item.user_properties += properties(searches)
    if call.excinfo is not None and isinstance(call.excinfo.value, UsageError):
        call.excinfo = _without_our_frames(call.excinfo.value)
    report = yield
    error = call.excinfo.value if call.excinfo is not None else None
    if searches is not None:
        setattr(report, summary.ATTRIBUTE, [one.as_data() for one in searches])
        is_the_text = getattr(error, "verdict", None) is not None
        texts = [one.shown for one in (searches[:-1] if is_the_text else searches)]
        if texts:
            report.sections.append(("shmrace", "\n".join(texts) + "\n"))
    if not report.failed or not isinstance(error, (RaceFound, Inconclusive, GateError)):
        return report
    directory = options.report_directory(item.config)
    verdict = getattr(error, "verdict", None)
    if directory is not None and verdict is not None:
        report_files.write(directory, item.nodeid, verdict)
    if verdict is not None:
        report_files.summarise(item.nodeid, verdict)
    if item.config.getoption("tbstyle") in ("auto", "long", "short"):
        assert call.excinfo is not None
        shown: Any = call.excinfo.getrepr(style="value")
        shown.reprcrash.message = _first_line(error)  # for the short summary at the end
        for note in getattr(error, "__notes__", ()):  # such as Hypothesis' example
            shown.reprtraceback.reprentries[-1].lines += ["", *note.splitlines()]
        report.longrepr = shown
    return report


def _first_line(error: BaseException) -> str:
    """The error in one line."""
    verdict = getattr(error, "verdict", None)
    findings = verdict.findings if verdict is not None else ()
    return plain_text(findings[0].first_line) if findings else str(error)


def _without_our_frames(error: BaseException) -> pytest.ExceptionInfo[BaseException]:
    """Cut frames of shmrace from a traceback: bad input is explained where the user gave it."""
    kept, part = [], error.__traceback__
    while part is not None:
        if _PACKAGE not in Path(part.tb_frame.f_code.co_filename).parents:
            kept.append(part)
        part = part.tb_next
    shown: TracebackType | None = None
    for one in reversed(kept):
        shown = TracebackType(shown, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return pytest.ExceptionInfo.from_exception(error.with_traceback(shown))


@pytest.fixture(scope="session")
def race(pytestconfig: pytest.Config) -> Race:
    """Explore a scenario and fail with the report: ``verdict = race(Broadcast, budget="5s")``.

    It takes the options of `shmrace.explore`, and `ranks`.  An option that is not given comes from
    ``@pytest.mark.shmrace``, else from the command line, else from the ini file.  If this machine
    has no gate, the test is skipped.
    """
    return pytestconfig.stash[_RUNNING]
