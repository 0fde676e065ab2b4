"""Does every schedule fail, also those that differ in what a stat tells of the number of names?

A search that fails has left these out: see `shmrace.search.link_counts`.  Where each of its
schedules failed alike, they are run as well before the report says "every schedule".
"""

from collections.abc import Callable

from shmrace.engine.session import Session
from shmrace.explorers.interface import Explorer
from shmrace.judgement.execution import Execution
from shmrace.search.choosing import chosen_by
from shmrace.search.findings import Findings
from shmrace.search.link_counts import TellsLinks


def try_link_counts(
    session: Session, explorer: Explorer, findings: Findings, goes_on: Callable[[], bool]
) -> None:
    """Run the schedules that a new explorer finds with the dependence, while it `goes_on`.

    Raises `TellsLinks` if one of them does not fail like the finding.
    """
    if not findings.every_time:
        return
    session.tells_links = True
    while goes_on() and explorer.begin():
        engine = session.run(chosen_by(explorer, session))
        explorer.finish(engine.turns, engine.pending())
        if not (engine.given_up or findings.known_from(Execution(engine))):
            raise TellsLinks
    session.tells_links = False
    findings.every_time = explorer.complete
