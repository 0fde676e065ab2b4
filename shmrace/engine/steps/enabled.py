"""Which actors may be chosen to go on now."""

from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.state.actor import Actor
from shmrace.engine.steps import rounds
from shmrace.engine.waits import calls, locks
from shmrace.engine.waits.primitives import Messages
from shmrace.model.operations import Operation


class Enabled:
    """Those of one execution; a wait that ends by itself is not chosen."""

    def __init__(self, loop: EventLoop, messages: Messages) -> None:
        self._loop = loop
        self._population = loop.population
        self._witness = loop.server.shm.witness
        self._messages = messages
        self._observations = loop.observations

    def actors(self) -> list[Actor]:
        """All of them, in their order."""
        failed = self._messages.failed()
        return [actor for actor in self._population.actors if self.may_go_on(actor, failed)]

    def may_go_on(self, actor: Actor, failed: frozenset[str] | None = None) -> bool:
        """Is this actor one of them?  Who asks for many gives those that have failed."""
        gate = actor.gate
        if gate is None or gate.automatic or actor.ended:
            return False
        if gate.shape.family == "primitive":
            if not gate.waited:
                gate.waited = True
                self._messages.arrive(actor, gate)
            return self._messages.enabled(actor, gate, failed)
        if gate.decided:
            return calls.state(actor, gate) != calls.WAITS
        if gate.shape.family != "lock":
            return True
        odd = locks.ask_the_kernel(actor, gate)
        self._witness.events()  # the question itself opens the file
        if odd:
            self._observations.ungated.append(f"{odd}, as {actor.name} asks for it")
        assert gate.lock is not None
        if gate.lock.operation is not Operation.LOCK or not locks.is_taken(actor, gate):
            return True
        if locks.converts(actor, gate):
            return True  # it gives up what it has first
        gate.waited = True
        return False

    def polls_in_vain(self, actor: Actor) -> bool:
        """Would this actor see once more what it saw last?  In `setup`, where all must come to
        their start, everybody looks as often as it likes."""
        return not self._loop.server.setting_up and rounds.polls_in_vain(actor)

    def all_poll(self) -> bool:
        """Would everybody that may go on see once more what it saw last?"""
        return all(map(self.polls_in_vain, self.actors()))
