"""How actors end: a failed assertion, any other exception, a signal."""

import signal

from shmrace.invariants.names import last_in_vain
from shmrace.record import Ending, Record
from shmrace.stack import user_frames
from shmrace.verdict import Finding


def findings(record: Record) -> list[Finding]:
    found = []
    for actor, ending in record.endings.items():
        if ending.raised and not ending.peer_died and last_in_vain(record, actor) is None:
            found.append(_raised(record, actor, ending))
    for death in record.deaths:
        if not death.fault:
            name = signal.Signals(death.signal).name
            operation = record.trace[death.step].operation if record.trace else "its start"
            text = f"{death.actor} ended by {name} after {operation}{record.where(death.step)}"
            found.append(
                Finding(
                    "rank-crash",
                    text,
                    actor=death.actor,
                    step=death.step,
                    cause=f"rank-crash {text}",
                )
            )
    return found


def consequences(record: Record) -> list[str]:
    """Who failed only because another actor did."""
    return [
        f"{actor} waited for an actor that had died or failed, and raised {ending.error}"
        for actor, ending in record.endings.items()
        if ending.raised and ending.peer_died
    ]


def _raised(record: Record, actor: str, ending: Ending) -> Finding:
    frames = user_frames(ending.frames)
    where = f" ({frames[0].short})" if frames else ""
    kind = "assertion" if ending.assertion else "rank-error"
    message = (ending.message.splitlines() or [""])[0]
    text = f"{actor} raised {ending.error}{where}" + (f": {message}" if message else "")
    return Finding(
        kind, text, actor=actor, step=ending.step, cause=f"{kind} {actor} {ending.error}{where}",
        detail=ending.traceback.rstrip(),
    )  # fmt: skip
