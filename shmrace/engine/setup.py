"""The part of an execution that is not explored: each process runs its scenario's `setup`.

One actor moves at a time here too, in an order that is always the same.  A new thread starts at
once.  The actor that moved last carries on until it waits or sleeps; then comes the one whose last
sleep is the longest ago, since processes that connect poll for what the others do.
"""

from shmrace.engine.gate import kept as kept_processes
from shmrace.engine.gate import subjects
from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.processes import warm
from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.scheduling import Scheduler
from shmrace.engine.state.actor import Retries, Rounds, gate_of
from shmrace.engine.state.population import Population
from shmrace.engine.state.process import ProcessClock, Traffic
from shmrace.engine.steps.enabled import Enabled
from shmrace.engine.steps.perform import Performer
from shmrace.model.operations import SLEEPING, Operation


def set_up(
    loop: EventLoop, enabled: Enabled, scheduler: Scheduler, performer: Performer, fresh: bool
) -> None:
    """Bring the actors, in `fresh` processes or in those that were kept, and let those that are new
    set themselves up.  Raises `ActorHangs`."""
    server, together = loop.server, loop.server.together
    kept_processes.forget_dead(loop)
    if together and (fresh or not server.scratch.keeps_setup()):
        kept_processes.end(loop)
    kept = together and bool(server.warm)
    server.scratch.clean(keep_setup=kept)
    loop.bring_actors(fresh)
    try:
        _run_setups(enabled, scheduler, performer, loop.population)
    finally:
        _remember_starts(loop.population, server, kept)
    if together and not kept:
        server.scratch.set_up()


def _run_setups(
    enabled: Enabled, scheduler: Scheduler, performer: Performer, population: Population
) -> None:
    """Let the actors go on until all stand at their start, or none can go on."""
    last, slept = "", dict[str, int]()
    performed = 0
    while True:
        early = [one for one in enabled.actors() if gate_of(one).operation != Operation.START]
        failed = any(one.outcome is not None and one.outcome.raised for one in population.actors)
        if not early or failed:  # an actor that waits for a failed one may ask for ever
            break
        born = [one for one in early if gate_of(one).operation == Operation.BIRTH]
        actor = min(born or early, key=lambda one: (one.name != last, slept.get(one.name, -1)))
        performed += 1
        last = last if born else actor.name
        if gate_of(actor).operation in SLEEPING:
            last, slept[actor.name] = "", performed
        performer.perform(actor, -1)
        scheduler.end_waits(-1)
    for actor in population.actors:
        actor.births.in_setup = actor.births.count
        actor.random_calls = actor.fruitless_looks = 0
        actor.retries, actor.rounds = Retries(0, actor.retries.in_vain), Rounds()


def _remember_starts(population: Population, server: ForkServer, kept: bool) -> None:
    """Remember how each process is at its start, and what it is connected with; those that are
    `kept` start when the setup of others was over."""
    clock = server.clock
    if not kept:
        clock.set_up_at = max((process.clock.now for process in population.processes()), default=0)
    for process in population.processes():
        process.clock = ProcessClock(clock.set_up_at)
        process.channels.forget()
        process.traffic = Traffic(tracked=process.traffic.tracked)
        if process.channels.shares_file:
            subjects.look_for_shared_files(process, server)
        if not process.at_start.threads:
            warm.remember_start(process)
