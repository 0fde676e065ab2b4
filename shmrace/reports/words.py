"""The words of a report: a step, a fault, a waiting peer; the same in every format."""

from shmrace.model.trace import Step

ORDERING = frozenset(
    "send broadcast recv barrier join spawn kill term signal checkpoint raise".split()
)
"""Operations that order actors, or that a fault is."""

_STRUCK = {"kill": "KILLED", "term": "SIGTERM", "exit": "LEAVES"}


def waited_in_vain(actor: str, error: str) -> str:
    """What became of an actor that waited for one that had died or failed."""
    return f"{actor} raised {error} because it was waiting for an actor that had died or failed"


def said(step: Step) -> str:
    """One step, as in "attach seg0: GONE"."""
    what = step.name or step.segment or ""
    if step.operation == "end" and step.outcome == "raised":
        return f"raises {step.detail}"
    if step.outcome in ("killed", "struck"):
        return f"{_STRUCK.get(step.operation, step.operation)} {step.detail}"
    if step.operation == "size" and step.ok:
        return f"size {what} = {step.detail}"
    text = f"{step.operation} {what}".strip()
    if step.outcome == "PeerDied":
        return f"{text}: {step.detail}"
    if step.detail and step.operation in ORDERING | {"wait", "line"}:
        text += f" {step.detail}"
    if step.outcome == "ENOENT":
        return f"{text}: GONE" if step.name else f"{text}: ENOENT"
    if step.detail == "injected":
        return f"{text}: {step.outcome}, INJECTED"
    return text if step.ok else f"{text}: {step.outcome}"


def struck(fault: str) -> str:
    """A fault that has struck, out of how it is spelled: "rank2 is killed before its map" out of
    "kill:map@rank2"."""
    what, _, whom = fault.partition("@")
    kind, _, operation = what.partition(":")
    if kind == "unlink":
        return "an outsider unlinks a segment"
    if kind == "wipe":
        return "an outsider unlinks everything"
    if kind in ("kill", "term", "exit"):
        how = {"kill": "is killed", "term": "gets SIGTERM", "exit": "leaves"}[kind]
        return f"{whom} {how} before " + (
            "it begins" if operation == "start" else f"its {operation}"
        )
    if kind == "raise":
        return f"a checkpoint of {whom} raises"
    return f"{whom}'s {operation} fails with {kind}"
