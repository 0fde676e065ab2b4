"""Ranks communicate by real `torch.distributed` with gloo, and the sender by ZMQ, as in SGLang.

A broadcast sends the size and then the bytes, and its source returns at once, as SGLang's
`broadcast_pyobj` does.  Each group of ranks is a process group; groups with the sender, and links,
use ZMQ.  Source: torch.distributed's documentation, `new_group`.
"""

import os

import torch
import torch.distributed as dist

from shmrace.compare.transports.wire import Members, Plan
from shmrace.compare.transports.zmq import ZmqWire
from shmrace.scenario.base import World


class GlooWire:
    """The process groups and the sockets of one process."""

    def __init__(self, world: World, plan: Plan) -> None:
        with_sender = tuple(group for group in plan.groups if "sender" in group)
        self._zmq = ZmqWire(world, Plan(plan.links, with_sender))
        self._groups: dict[Members, dist.ProcessGroup] = {}
        ranks = [name for name in plan.actors() if name != "sender"]
        groups = [group for group in plan.groups if group not in with_sender]
        if world.name not in ranks or not groups:
            return
        dist.init_process_group(
            "gloo", init_method=f"file://{os.path.join(world.directory, 'store')}",
            rank=ranks.index(world.name), world_size=len(ranks),
        )  # fmt: skip
        for group in groups:
            made = dist.new_group([ranks.index(name) for name in group])
            if world.name in group:
                self._groups[group] = made
        self._ranks = ranks

    def send(self, to: str, content: bytes) -> None:
        self._zmq.send(to, content)

    def receive(self, source: str) -> bytes:
        return self._zmq.receive(source)

    def broadcast(self, group: Members, content: bytes | None) -> bytes:
        made = self._groups.get(group)
        if made is None:
            return self._zmq.broadcast(group, content)
        source = self._ranks.index(group[0])
        size = torch.tensor([len(content or b"")])
        dist.broadcast(size, source, group=made)
        if content is not None:
            dist.broadcast(torch.frombuffer(bytearray(content), dtype=torch.uint8), source, made)
            return content
        data = torch.empty(int(size), dtype=torch.uint8)
        dist.broadcast(data, source, group=made)
        return bytes(data.numpy())

    def barrier(self, group: Members) -> None:
        dist.barrier(group=self._groups[group])
