"""Which actors may be chosen to go on now."""

from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.state.actor import Actor
from shmrace.engine.steps import rounds
from shmrace.engine.waits import locks
from shmrace.engine.waits.primitives import Messages


class Enabled:
    """Those of one execution; a wait that ends by itself is not chosen."""

    def __init__(self, loop: EventLoop, messages: Messages) -> None:
        self._loop = loop
        self._population = loop.population
        self._witness = loop.server.shm.witness
        self._messages = messages

    def actors(self) -> list[Actor]:
        """All of them, in their order."""
        return [actor for actor in self._population.actors if self.may_go_on(actor)]

    def may_go_on(self, actor: Actor) -> bool:
        """Is this actor one of them?"""
        gate = actor.gate
        if gate is None or gate.automatic or actor.ended:
            return False
        if gate.shape.family == "primitive":
            if not gate.waited:
                gate.waited = True
                self._messages.arrive(actor, gate)
            return self._messages.enabled(actor, gate)
        if gate.shape.family != "lock":
            return True
        waits_for_it = locks.would_wait(actor, gate)
        gate.waited = gate.waited or waits_for_it
        self._witness.events()  # the question itself opens the file
        return not waits_for_it

    def polls_in_vain(self, actor: Actor) -> bool:
        """Would this actor see once more what it saw last?  In `setup`, where all must come to
        their start, everybody looks as often as it likes."""
        return not self._loop.server.setting_up and rounds.polls_in_vain(actor)

    def all_poll(self) -> bool:
        """Would everybody that may go on see once more what it saw last?"""
        return all(map(self.polls_in_vain, self.actors()))
