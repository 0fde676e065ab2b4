"""Deadlocks (no actor can move), livelocks (those who can only poll), and hangs (an actor never
reaches its next gate)."""

from collections import Counter

from shmrace.errors import Deadlock, Hang, Livelock
from shmrace.model.breach import Breach
from shmrace.model.objects import Mode, is_private
from shmrace.model.operations import PRIMITIVES, SLEEPING
from shmrace.model.record import Record
from shmrace.model.stack import user_frames


def breaches(record: Record) -> list[Breach]:
    """At most one hang, livelock or deadlock; a hang is reported alone."""
    if record.hanging is not None:
        actor, stack = record.hanging
        frames = user_frames(stack)
        where = f" ({frames[0].short})" if frames else ""
        text = f"{actor} runs on without coming to a gate{where}"
        detail = "\n".join(f"{frame.short} {frame.function}" for frame in stack)
        return [Breach(Hang, text, actor=actor, cause=f"hang {actor}{where}", detail=detail)]
    if record.stuck.polling:
        return [_livelock(record)]
    waiting = [(actor, why) for actor, why in record.stuck.waiting if "/" not in actor]
    if not waiting:
        return []
    text = "; ".join(f"{actor} waits {why}" for actor, why in waiting)
    detail = "\n".join(f"{actor} waits {why}" for actor, why in record.stuck.waiting)
    return [Breach(Deadlock, text, actor=waiting[0][0], detail=detail)]


def _livelock(record: Record) -> Breach:
    """Its step is the one at which each that polls has looked twice in vain."""
    polls = [f"{actor} {what}" for actor, what in record.stuck.polling]
    waits = [f"{actor} waits {why}" for actor, why in record.stuck.waiting]
    text = f"{'; '.join(polls)}: nobody who is left changes it"
    left = Counter({actor: 2 for actor, _ in record.stuck.polling})
    shown = None
    for step in record.trace[_last_change(record) + 1 :]:
        left[step.actor] -= step.operation in SLEEPING
        if all(count <= 0 for count in left.values()):
            shown = step.index
            break
    return Breach(
        Livelock, text, actor=record.stuck.polling[0][0], step=shown,
        detail="\n".join([*polls, *waits]),
    )  # fmt: skip


def _last_change(record: Record) -> int:
    """The index of the last step that is no more than a look of one that polls; -1 if none is."""
    pollers = {actor for actor, _ in record.stuck.polling}
    return max(
        (
            step.index
            for step in record.trace
            if step.actor not in pollers
            or step.operation in PRIMITIVES
            or any(mode is not Mode.READ for one, mode in step.accesses if not is_private(one))
        ),
        default=-1,
    )
