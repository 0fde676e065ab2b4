"""Where a data race is on which a pass rests: one more execution, with stacks."""

from shmrace.engine.choosers import by_schedule
from shmrace.engine.session import Session
from shmrace.judgement.evidence import Evidence
from shmrace.judgement.execution import Execution
from shmrace.model.byte_races import byte_race


def locate_data_race(session: Session, evidence: Evidence) -> None:
    """Run the first schedule with a data race again, to tell of which lines the race consists."""
    if evidence.raced_in is None:
        return
    record = Execution(session.run(by_schedule(evidence.raced_in), stacks=True)).record
    race = byte_race(record)
    if race is not None:
        evidence.data_race = race.told(record)
