"""The end of processes that were kept for the next execution, by us or from outside."""

import contextlib
import os
import select

from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.gate.patience import PATIENCE
from shmrace.linux import procfs
from shmrace.linux.process import kill


def forget_dead(loop: EventLoop) -> None:
    """Drop those that have been ended from outside, and with them all that they belong to."""
    warm = loop.server.warm
    dead = [one for one in warm.values() if not procfs.thread_lives(one.who.process, one.at.thread)]
    if dead and loop.server.together:
        end(loop)
    elif dead:
        loop.server.warm = {name: one for name, one in warm.items() if one not in dead}
        loop.command("reap")


def end(loop: EventLoop) -> None:
    """End all of them, and let the server reap them."""
    for one in loop.server.warm.values():
        with contextlib.suppress(ProcessLookupError):
            pidfd = os.pidfd_open(one.who.process)
            kill(pidfd)
            select.select([pidfd], [], [], PATIENCE)
            os.close(pidfd)
    if loop.server.warm:
        loop.server.warm = {}
        loop.command("reap")
