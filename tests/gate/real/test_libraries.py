"""Libraries for processes, each unmodified inside an actor: a verdict in time, never a false one.

All programs are right, so that whatever is found is false.  Searches are bounded by a number of
executions, as the same number must come to the same each time.
"""

import importlib.util
from typing import Any

import pytest

import shmrace
from shmrace.model.verdict import Verdict
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search
from tests.support.library_programs.commands import FORMS, Commands
from tests.support.library_programs.coroutines import USES, Coroutines
from tests.support.library_programs.locks import Filelock
from tests.support.library_programs.processes import Processes

pytest.importorskip("joblib")  # before actors are forked: each would import it anew

BUDGET = 10.0
METHODS = ("fork", "spawn", "forkserver")
USED = ("pool", "pool_joined", "executor", "process", "queue", "shared_memory_manager")
LEFT = ("threads_left", "executor_left")
STRATEGIES = ("file_descriptor", "file_system")
RUNS = 20

QUICK: dict[str, shmrace.Scenario] = {
    **{f"subprocess-{form}": Commands(form=form) for form in FORMS},
    **{f"asyncio-{use}": Coroutines(use=use) for use in USES},
    **{f"{use}-fork": Processes(use=use) for use in (*USED, *LEFT, "threads")},
    **{f"filelock-{soft}": Filelock(soft=soft, limit=5.0) for soft in (False, True)},
    "filelock-for-ever": Filelock(),
    "joblib-threading": Processes(use="joblib_threading", tasks=2),
}
EACH_RUN = (
    "subprocess-run", "subprocess-terminate", "subprocess-pipeline", "subprocess-posix_spawn",
    "asyncio-program", "asyncio-thread", "pool-fork", "executor_left-fork", "filelock-False",
    "joblib-threading",
)  # fmt: skip
"""One of each way to make processes and threads; the others behind `-m long`."""
SLOW: dict[str, shmrace.Scenario] = {
    **{f"{use}-{method}": Processes(use=use, method=method) for use in USED for method in METHODS},
    **{f"{use}-2": Processes(use=use, tasks=2) for use in (*USED, "threads")},
    "joblib-loky": Processes(use="joblib_loky"),
    "joblib-multiprocessing": Processes(use="joblib_multiprocessing"),
}


def tensors() -> dict[str, Any]:
    if importlib.util.find_spec("torch") is None:
        return {}
    from tests.support.library_programs.tensors import Loader, TensorQueue

    return {
        **{f"{kind.__name__}-{strategy}": kind(strategy=strategy, method=method)
           for kind in (TensorQueue, Loader) for strategy in STRATEGIES
           for method in ("fork", "spawn")},
        **{f"Loader-{strategy}-2": Loader(strategy=strategy, workers=2) for strategy in STRATEGIES},
        **{f"Loader-{strategy}-stay": Loader(strategy=strategy, stay=True)
           for strategy in STRATEGIES},
    }  # fmt: skip


def search(scenario: shmrace.Scenario, executions: int | None, seconds: float) -> Verdict:
    budget = Budget(seconds, executions)
    return Search(scenario, SearchOptions.parse(budget=budget)).run()


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=() if one in EACH_RUN else pytest.mark.long) for one in QUICK]
)
def test_there_is_no_finding_where_nothing_is_wrong(name: str) -> None:
    verdict = search(QUICK[name], 1, 60.0)
    assert (verdict.status, verdict.reason, verdict.findings) == ("pass", "", ())


@pytest.mark.long
@pytest.mark.parametrize("name", [*QUICK, *SLOW, *tensors()])
def test_the_verdict_comes_within_twice_the_budget(name: str) -> None:
    """A search that is too large for its budget is bounded; one execution may be, too."""
    verdict = search({**QUICK, **SLOW, **tensors()}[name], None, BUDGET)
    assert not verdict.findings
    assert verdict.elapsed < 2 * BUDGET
    assert verdict.status == "pass" or verdict.executions == 0


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", [*QUICK, *SLOW, *tensors()])
def test_twenty_searches_come_to_the_same(name: str) -> None:
    scenario = {**QUICK, **SLOW, **tensors()}[name]
    seen = set()
    for _ in range(RUNS):
        verdict = search(scenario, 4 if name in QUICK else 1, 300.0)
        assert (verdict.status, verdict.reason, verdict.findings) == ("pass", "", ())
        seen.add((verdict.executions, verdict.trace_classes, verdict.complete, verdict.steps))
    assert len(seen) == 1, seen
