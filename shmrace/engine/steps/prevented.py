"""What the victims of a step were about to do.

Who is killed could have gone on before: that is a race between the step that kills and the turn
that it prevents.  An explorer sees a race between turns that happened, and this one never does, so
it is told of it: a turn that needs its actor to be alive.
"""

from collections.abc import Sequence

from shmrace.engine.protocol import Primitive
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.population import Population
from shmrace.engine.state.process import Process
from shmrace.engine.steps.enabled import Enabled
from shmrace.model.objects import Mode, life_of
from shmrace.model.operations import Operation
from shmrace.model.trace import Turn

AboutTo = Sequence[tuple[Actor, Turn]]


def about_to(
    actor: Actor, gate: Gate, victims: Sequence[Process], population: Population, enabled: Enabled
) -> AboutTo:
    """What those could do next whom the step at this gate may end: `victims` of a signal, an actor
    that was spawned, the other threads of a process that ends or becomes another program."""
    doomed = [one for process in victims for one in process.actors]
    if gate.primitive == Primitive.KILL:
        spawned = population.find(gate.request[0])
        doomed += spawned.process.actors if spawned is not None else []
    elif gate.operation in (Operation.EXEC, Operation.EXIT) and gate.call != "exit":
        doomed += [one for one in actor.process.actors if one is not actor]
    return [
        (one, Turn(one.name, one.gate.operation, frozenset({(life_of(one.name), Mode.READ)})))
        for one in doomed
        if one.gate is not None and enabled.may_go_on(one)
    ]


def by_their_ends(doomed: AboutTo) -> list[Turn]:
    """What did not happen because its actor has ended."""
    return [turn for actor, turn in doomed if actor.ended]
