"""The name of an actor that another one is about to spawn."""

from shmrace.engine.protocol import encode
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.population import Population
from shmrace.engine.waits.primitives import Answer
from shmrace.model.operations import Outcome


def spawned(population: Population, actor: Actor, role: str, wanted: str | None) -> Answer:
    """Give the next child of this actor the name that is wanted, or that of its role, with a number
    if it is taken; refuse a wanted name that is taken."""

    def is_taken(name: str) -> bool:
        """By an actor, or by one that another has spawned and that is not born yet."""
        others = (one for one in population.actors if one is not actor)
        return population.find(name) is not None or any(
            one.births.next_name == name for one in others
        )

    name = wanted or role
    if wanted and is_taken(wanted):
        reply = encode("refused", f"there is an actor called {wanted} already")
        return Answer(reply, Outcome.REFUSED, wanted)
    nth = 1
    while is_taken(name):
        name = f"{role}{nth}"
        nth += 1
    actor.births.next_name = name
    population.spawned_roles[name] = role
    return Answer(encode("ok", name), detail=name)
