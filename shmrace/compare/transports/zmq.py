"""All messages over real ZMQ, PUSH to PULL, as between SGLang's tokenizer and scheduler.

Each link has a socket pair.  A broadcast is a message to each member, a barrier a message from each
member and one back.  Receivers bind before senders connect, because ZMQ waits for some time before
it tries a failed connection again.  Source: https://zguide.zeromq.org, zmq_ipc(7).
"""

import os

import zmq

from shmrace.compare.transports.wire import Members, Plan, peers_of
from shmrace.scenario.base import World


class ZmqWire:
    """The sockets of one process; ZMQ's own thread does the sending."""

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
            end.get(zmq.EVENTS)  # process the connection now, so that no later call has to

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
