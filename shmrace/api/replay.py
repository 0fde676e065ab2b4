"""Replay the execution of a token, or debug an actor in it."""

from shmrace.api.explore import Plan, executed, plan_of_token
from shmrace.engine.choosers import by_schedule
from shmrace.engine.session import Session
from shmrace.errors import UsageError
from shmrace.explain.conclusion import conclude
from shmrace.explain.sighting import Sighting
from shmrace.explain.trials import Trials, tried
from shmrace.judgement.verdict import Doubt, subject_of
from shmrace.model import token
from shmrace.model.token import Token
from shmrace.model.trace import fingerprint, visible
from shmrace.model.verdict import Door, Subject, Verdict
from shmrace.scenario.base import Scenario

_MISFIT = Doubt(
    "the token no longer fits this code: it takes other steps now, without a finding",
    "the code takes other steps than when this token was made",
)


def replay(
    scenario: type[Scenario] | Scenario, word: str, subject: Subject | None = None, note: str = ""
) -> Verdict:
    """Replay a token, and return the verdict on its execution.

    If the code takes other steps than when the token was made, the verdict says so, and a pass
    becomes inconclusive.  Raises `UsageError` if the token is broken or belongs to another
    scenario.
    """
    given = token.parse(word)
    plan = plan_of_token(scenario, given)
    execution, remark = executed(plan)

    def explain(seen: Sighting) -> Trials:
        with Session(execution.scenario, plan.faults, plan.max_faults) as session:
            return tried(session, seen)

    fits = fingerprint(visible(execution.trace)[: given.length]) == given.fingerprint
    return conclude(
        execution, subject or subject_of(execution.scenario), plan.fault_texts, plan.max_faults,
        [one for one in (note, remark) if one], None if fits else _MISFIT, explain,
    )  # fmt: skip


def subject_of_token(
    scenario: type[Scenario] | Scenario, given: Token, target: str = "", door: Door = Door()
) -> Subject:
    """The subject of the verdict on a token's execution."""
    return subject_of(plan_of_token(scenario, given).scenario, target, door)


def debug(scenario: type[Scenario] | Scenario, word: str, actor: str) -> None:
    """Replay a token with one actor at the terminal, in the debugger.

    The actor stops at its `breakpoint()`, and where it raises.  The other actors wait meanwhile.
    Raises `UsageError` if there is no such actor.
    """
    plan: Plan = plan_of_token(scenario, token.parse(word))
    names = [part.name for part in plan.scenario.parts()]
    if actor not in names:
        raise UsageError(f"there is no actor {actor!r} to debug; there are: {', '.join(names)}")
    with Session(plan.scenario, plan.faults, plan.max_faults, terminal=actor) as session:
        session.run(by_schedule(plan.schedule))
