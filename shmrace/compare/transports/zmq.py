"""Everything over real ZMQ, PUSH to PULL, as between SGLang's tokenizer and scheduler.

A socket for each link; a broadcast is a message to each, a barrier a message from each and one
back.  Receivers bind before senders connect, since a connection that has to be tried again waits
for a time of its own.  Source: https://zguide.zeromq.org, zmq_ipc(7).
"""

import os

import zmq

from shmrace.compare.transports.wire import Members, Plan, peers_of
from shmrace.scenario.base import World


class ZmqWire:
    """Sockets of one process; `send` leaves it to ZMQ's own thread."""

    def __init__(self, world: World, plan: Plan) -> None:
        stars = [link for group in plan.groups for link in peers_of(group)]
        whole = plan.with_links(stars)
        self._me = world.name
        self._context = zmq.Context(io_threads=1)
        self._pulls: dict[str, zmq.Socket[bytes]] = {}
        self._pushes: dict[str, zmq.Socket[bytes]] = {}
        for source, to in sorted(whole.links):
            if to == self._me:
                self._pulls[source] = self._context.socket(zmq.PULL)
                self._pulls[source].bind(_endpoint(world.directory, source, to))
        if self._me not in whole.actors():
            return
        world.group(whole.actors()).barrier()  # all are bound
        for source, to in sorted(whole.links):
            if source == self._me:
                self._pushes[to] = self._context.socket(zmq.PUSH)
                self._pushes[to].connect(_endpoint(world.directory, source, to))
        world.group(whole.actors()).barrier()  # all are connected
        for end in (*self._pulls.values(), *self._pushes.values()):
            end.get(zmq.EVENTS)  # takes in that it is, so that a later call does not have to

    def send(self, to: str, content: bytes) -> None:
        self._pushes[to].send(content)

    def receive(self, source: str) -> bytes:
        return self._pulls[source].recv()

    def broadcast(self, group: Members, content: bytes | None) -> bytes:
        if content is None:
            return self.receive(group[0])
        for member in group[1:]:
            self.send(member, content)
        return content

    def barrier(self, group: Members) -> None:
        first, *others = group
        if self._me != first:
            self.send(first, b"here")
            self.receive(first)
            return
        for other in others:
            self.receive(other)
        for other in others:
            self.send(other, b"go")


def _endpoint(directory: str, source: str, to: str) -> str:
    return f"ipc://{os.path.join(directory, f'{source}-{to}')}"
