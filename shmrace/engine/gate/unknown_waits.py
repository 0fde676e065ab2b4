"""Waits of which shmrace does not know what ends them: calls that were let through, and sleep.

An actor that sleeps in a call of System V, in ``pause``, or in the open of a FIFO does not move,
and stands at no gate.  Others go on meanwhile.  After each of their steps it is looked whether one
of them has ended the wait: the kernel wakes the sleeper before the call that does so returns.  One
that was stopped by a signal waits for SIGCONT, wherever it is.
Source: ``syscall`` and ``stat`` in proc(5), signal(7).
"""

from collections.abc import Container, Iterable, Sequence

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.observations import Observations
from shmrace.linux import procfs

SOON, LATE = 0.02, 0.25
"""Seconds after which an actor is looked at that does not come back: from a call of which nothing
is known, and from another one, which is not expected to wait."""


STOPPED = "a stop"
"""In place of a call: the actor's process was stopped by a signal."""

_TIMED, _UNTIMED = 5.0, 1.0
"""Seconds for which a wait is waited for that nobody else can end, by whether the call may have a
time limit of its own."""


def called(actor: Actor, gate: Gate) -> None:
    """The actor is let through to the call at its gate."""
    actor.called = (gate.call, gate.notification.number)
    actor.may_wait = gate.opaque


def patience(running: Iterable[Actor]) -> float:
    """How long to wait for these actors before they are looked at."""
    return SOON if any(one.may_wait for one in running) else LATE


def enter(running: Sequence[Actor], observations: Observations) -> bool:
    """Do all these actors sleep in the calls to which they were let through?  They count as waiting
    then."""
    if not running or not all(map(_sleeps, running)):
        return False
    for actor in running:
        actor.running, actor.waits_in = False, STOPPED if _is_stopped(actor) else actor.called[0]
        observations.rests_on_opaque(f"{actor.waits_in} of {actor.name}")
    return True


def stand_stopped(actor: Actor, observations: Observations) -> bool:
    """Was the actor stopped at its gate?  It comes there once more when it is continued."""
    if actor.gate is None or actor.ended or not _is_stopped(actor):
        return False
    actor.gate.close()
    actor.gate, actor.waits_in = None, STOPPED
    observations.rests_on_opaque(f"{STOPPED} of {actor.name}")
    return True


def woken(actors: Iterable[Actor], come: Container[Actor] = ()) -> Actor | None:
    """The first of those whose calls have returned; those in `come` stand at their next one."""
    for actor in actors:
        if actor.waits_in and not actor.ended and (actor in come or not _sleeps(actor)):
            return actor
    return None


def leave(actor: Actor, turn: int) -> None:
    """Let it move again, since its call has returned."""
    actor.running, actor.waits_in = True, ""
    if turn >= 0:
        actor.heard.add(turn)


def longest(waiting: Iterable[Actor]) -> float:
    """For how many seconds to wait where nobody but these actors is left."""
    return _TIMED if any("timed" in one.waits_in for one in waiting) else _UNTIMED


def takes_signal(actor: Actor, number: int) -> bool:
    """Does the actor wait for this signal, so that it ends nobody?"""
    if actor.waits_in != "rt_sigtimedwait":
        return False
    where = procfs.first_argument(actor.process.pid, actor.thread)
    wanted = int.from_bytes(actor.process.memory.read(where, 8), "little")
    return bool(wanted >> (number - 1) & 1)


def _is_stopped(actor: Actor) -> bool:
    return procfs.is_stopped(actor.process.pid, actor.thread)


def _sleeps(actor: Actor) -> bool:
    process = actor.process.pid
    if procfs.is_stopped(process, actor.thread):
        return True
    if actor.waits_in == STOPPED:
        return False
    return procfs.sleeps(process, actor.thread) and (
        procfs.system_call(process, actor.thread) == actor.called[1]
    )
