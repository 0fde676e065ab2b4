"""The words of reports for a step, a fault and a waiting peer, the same in every format."""

from shmrace.model.faults import FaultKind
from shmrace.model.operations import ORDERING, Operation, Outcome
from shmrace.model.schedule import Choice
from shmrace.model.trace import Step

_SAID_OF_DEATHS: dict[str, str] = {
    Operation.KILL: "KILLED",
    Operation.TERM: "SIGTERM",
    Operation.EXIT: "LEAVES",
}


def waited_for_the_dead(actor: str, error: str) -> str:
    """A sentence on an actor that waited for another one that had died or failed."""
    return f"{actor} raised {error} because it was waiting for an actor that had died or failed"


def said(step: Step) -> str:
    """A step, as in "attach seg0: GONE"."""
    what = step.name or step.segment or ""
    if step.operation == Operation.END and step.outcome == Outcome.RAISED:
        return f"raises {step.detail}"
    if step.outcome in (Outcome.KILLED, Outcome.STRUCK):
        return f"{_SAID_OF_DEATHS.get(step.operation, step.operation)} {step.detail}"
    if step.operation == Operation.SIZE and step.ok:
        return f"size {what} = {step.detail}"
    text = f"{step.operation} {what}".strip()
    if step.outcome == Outcome.PEER_DIED:
        return f"{text}: {step.detail}"
    if step.detail and step.operation in ORDERING | {Operation.WAIT, Operation.LINE}:
        text += f" {step.detail}"
    if step.outcome == "ENOENT":
        return f"{text}: GONE" if step.name else f"{text}: ENOENT"
    if step.injected:
        return f"{text}: {step.outcome}, INJECTED"
    return text if step.ok else f"{text}: {step.outcome}"


def struck(strike: Choice) -> str:
    """A fault that struck, as in "rank2 is killed before its map"."""
    if strike.fault == FaultKind.UNLINK:
        return "an outsider unlinks a segment"
    if strike.fault == FaultKind.WIPE:
        return "an outsider unlinks everything"
    if strike.fault == FaultKind.RAISE:
        return f"a checkpoint of {strike.actor} raises"
    how = _STRIKES.get(strike.fault)
    if how is None:
        return f"{strike.actor}'s {strike.operation} fails with {strike.fault}"
    begins = strike.operation == Operation.START
    return f"{strike.actor} {how} before {'it begins' if begins else f'its {strike.operation}'}"


_STRIKES: dict[str, str] = {
    FaultKind.KILL: "is killed", FaultKind.TERM: "gets SIGTERM", FaultKind.EXIT: "leaves",
}  # fmt: skip
