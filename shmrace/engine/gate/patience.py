"""How long an execution waits for an actor that comes to no gate, and what ends the waiting."""

from collections.abc import Sequence

from shmrace.engine.state.actor import Actor

PATIENCE = 5.0
"""Seconds without a gate after which an actor that runs counts as hanging."""

PATIENCE_AGAIN = 1.0
"""The same, for the actor that was seen to hang, when its execution is repeated."""


def longest(running: Sequence[Actor], hangs: str) -> float:
    """For how many seconds to wait for these actors, if nothing comes; `hangs` was seen to hang."""
    return PATIENCE_AGAIN if [one.name for one in running] == [hangs] else PATIENCE


class ActorHangs(Exception):
    """An actor burns time without reaching a gate."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(actor.name)
        self.actor = actor


class OutOfTime(Exception):
    """The time of a session is over while an execution is under way."""

    def __init__(self, turns: int) -> None:
        super().__init__(turns)
        self.turns = turns  # that the execution had taken
