"""Signals that interrupt who stands at a gate.

The handler runs, and then the thread comes to the gate of the same call once more.  Until then it
does not stand still, although nothing has let it through.  Source: seccomp_unotify(2), "Interaction
with SA_RESTART signal handlers".
"""

import time
from collections.abc import Callable, Iterable

from shmrace.engine.gate import unknown_waits
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.observations import Observations
from shmrace.engine.state.process import Process
from shmrace.linux import procfs
from shmrace.linux.listener import Listener

_PATIENCE = 5.0  # seconds for a handler that comes to no gate
_STEP = 0.0005


class Interrupts:
    """Who may have been interrupted since all stood still last."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._signalled: set[Process] = set()

    def note(self, processes: Iterable[Process]) -> None:
        """These processes got a signal."""
        self._signalled |= set(processes)

    def run_handlers(
        self, actors: Iterable[Actor], next_event: Callable[[float], bool],
        observations: Observations,
    ) -> bool:  # fmt: skip
        """Wait until who stands at a gate really does, or is stopped there; False if nobody got a
        signal."""
        if not self._signalled:
            return False
        signalled, self._signalled = self._signalled, set()
        deadline = time.monotonic() + _PATIENCE
        for actor in [one for one in actors if one.process in signalled]:
            while self._is_interrupted(actor) and time.monotonic() < deadline:
                if unknown_waits.stand_stopped(actor, observations):
                    break
                next_event(_STEP)
        return True

    def _is_interrupted(self, actor: Actor) -> bool:
        if actor.gate is None or actor.ended:
            return False
        stands = self._listener.valid(actor.gate.notification.id)
        return not (stands and procfs.sleeps(actor.process.pid, actor.thread))
