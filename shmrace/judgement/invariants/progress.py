"""Deadlocks (no actor can move) and hangs (an actor never reaches its next gate)."""

from shmrace.errors import Deadlock, Hang
from shmrace.model.breach import Breach
from shmrace.model.record import Record
from shmrace.model.stack import user_frames


def breaches(record: Record) -> list[Breach]:
    """At most one hang or one deadlock; a hang is reported alone."""
    if record.hanging is not None:
        actor, stack = record.hanging
        frames = user_frames(stack)
        where = f" ({frames[0].short})" if frames else ""
        text = f"{actor} runs on without coming to a gate{where}"
        detail = "\n".join(f"{frame.short} {frame.function}" for frame in stack)
        return [Breach(Hang, text, actor=actor, cause=f"hang {actor}{where}", detail=detail)]
    waiting = [(actor, why) for actor, why in record.blocked if "/" not in actor]
    if not waiting:
        return []
    text = "; ".join(f"{actor} waits {why}" for actor, why in waiting)
    detail = "\n".join(f"{actor} waits {why}" for actor, why in record.blocked)
    return [Breach(Deadlock, text, actor=waiting[0][0], detail=detail)]
