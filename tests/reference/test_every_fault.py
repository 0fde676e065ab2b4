"""Every fault at every step of every scenario: the search ends in a pass or a failure.

Nothing is left behind, which is checked after each test.
"""

import pytest

from shmrace.engine.gate.errnos import ERRNOS
from shmrace.model.faults import FaultKind
from shmrace.scenario import loading
from shmrace.search.budget import Budget
from shmrace.search.options import Detail, SearchOptions
from shmrace.search.search import Search

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")

EVERY = [*FaultKind, *ERRNOS]
FEW = ["full-shm"]
"""What is cheap enough to be searched each time; the others take minutes."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(entry.name, marks=[] if entry.name in FEW else pytest.mark.long)
        for entry in loading.entries()
    ],
)
@pytest.mark.timeout(3600)
def test_every_fault_at_every_step_ends_in_a_pass_or_a_fail(name: str) -> None:
    """All faults there are, one in an execution, in one search that runs every class."""
    kind = loading.load(name)
    scenario = kind(ranks=2) if hasattr(kind, "rank") else kind()
    search = Search(
        scenario,
        SearchOptions.parse(
            budget=Budget(3000), faults=EVERY, keep_going=True, detail=Detail.SHRUNK
        ),
    )
    verdict = search.run()
    assert verdict.status in ("pass", "fail"), verdict.reason
    assert verdict.complete
    assert not {"nondeterminism", "hang"} & {finding.kind for finding in verdict.findings}
