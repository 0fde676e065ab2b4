"""The end of an execution: its processes end or are kept, and ``/dev/shm`` is empty for the next.

A process is kept if it is as it was at its start and holds nothing.  One that was made for a single
execution ends with it, except where the setup has connected all processes: then those that were
kept before it had to end, and these take their place.
"""

from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.processes import warm
from shmrace.model.ledger import Ledger


def tear_down(loop: EventLoop, ledger: Ledger, fresh: bool) -> None:
    """Sweep, and end all but the processes that may be their actors again; names that no
    operation explains are noted."""
    server, observations = loop.server, loop.observations
    actors = loop.population.actors
    observations.ungated += [f"{name} was left in /dev/shm" for name in server.shm.sweep(ledger)]
    beside_others = fresh and not server.together
    reusable = [] if beside_others else warm.reusable(actors, server.together)
    loop.kill_all({actor.process for actor in reusable})
    if server.shm.holds_more() and reusable:  # one of them does: none of them is trusted
        for actor in reusable:
            loop.kill(actor.process)
        reusable = []
    if observations.made_ipc_objects:
        loop.command("forget ipc")
    loop.keep(reusable)
    server.shm.witness.events()
    if server.shm.holds_more():
        observations.ungated.append("an inode of /dev/shm is held by nobody that is known")
