"""Who finds the other end of a pipe or socket closed, without having waited for that.

A close is no gate, and lies behind the last call of who closes.  Source: poll(2), pipe(7).
"""

import os
import select

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.waits import calls
from shmrace.linux import open_files
from shmrace.linux.decode import signed
from shmrace.linux.process import copy_descriptor

_CLOSED = select.POLLHUP | select.POLLRDHUP | select.POLLERR


def found_closed(actor: Actor, gate: Gate) -> bool:
    """Does a call that waits for no close find one?  A write never waits for a close, a read does
    unless it returns at once."""
    kind = gate.shape.kind
    try:
        if kind in ("read", "write"):
            asked = [signed(gate.notification.arguments[0])]
        elif kind in ("poll", "select", "epoll") and calls.is_impatient(actor, gate):
            asked = calls.looked_at(actor, gate)
        else:
            return False
        return any(_is_closed(actor, gate, one) for one in asked)
    except OSError:
        return False  # the kernel will say what is wrong with the call


def _is_closed(actor: Actor, gate: Gate, descriptor: int) -> bool:
    if open_files.link(actor.process.pid, descriptor).startswith("/"):
        return False
    copy = copy_descriptor(actor.process.pidfd, descriptor)
    try:
        if gate.shape.kind == "read" and not calls.never_waits(gate, copy):
            return False
        poll = select.poll()
        poll.register(copy, select.POLLRDHUP)
        return any(events & _CLOSED for _, events in poll.poll(0))
    finally:
        os.close(copy)
