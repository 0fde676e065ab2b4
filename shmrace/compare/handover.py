"""The scenario of a cell of `shmrace compare`: a lifecycle over a transport over a wire.

The sender makes a handle for a tensor, and sends the handle.  Every rank unpickles the handle,
materializes the tensor, and answers if the lifecycle requires it.  Then the sender retires the
handle.
"""

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import torch

from shmrace.compare.lifecycles import LIFECYCLES
from shmrace.compare.lifecycles.handle import Handle
from shmrace.compare.transports import TRANSPORTS, WIRES
from shmrace.compare.transports.transport import Transport
from shmrace.compare.transports.wire import Plan, Wire
from shmrace.errors import UsageError
from shmrace.scenario import extras
from shmrace.scenario.base import Scenario, World


class Handover(Scenario):
    """A tensor goes from a sender to all ranks: a lifecycle over a transport."""

    ranks = 3
    lifecycle = "deferred"
    transport = "relay"
    wire = "simulated"
    shape = (16,)  # of a float32 tensor: 64 bytes; (3, 1080, 1920) is an image

    def validate(self) -> None:
        super().validate()
        for what, known in (("lifecycle", LIFECYCLES), ("transport", TRANSPORTS), ("wire", WIRES)):
            if getattr(self, what) not in known:
                raise UsageError(
                    f"there is no {what} {getattr(self, what)!r}; there are: {', '.join(known)}"
                )
        # Import them here, once.  Otherwise each forked process would import them gate by gate.
        self.handle_class(), self.route_class(), self.wire_class()

    def uses_segments(self) -> bool:
        return self.handle_class().uses_segments

    def has_setup(self) -> bool:
        return self.wire != "simulated" or self.handle_class().prepare is not Handle.prepare

    def handle_class(self) -> type[Handle]:
        found: type[Handle] = _class_of("lifecycle", self.lifecycle, LIFECYCLES)
        return found

    def setup(self, world: World) -> None:
        """Connect this process with the others over the wire."""
        self.route = self.route_class()(self.ranks)
        self.handles = self.handle_class()
        plan = self.route.plan()
        if self.handles.answers:
            plan = plan.with_links((reader, "sender") for reader in self.route.readers)
        if self.handles.prepare is not Handle.prepare:
            self.handles.prepare(world.name, world.directory)
            world.group(plan.actors()).barrier()
            if world.name == "sender":
                self.handles.connect(self.route.readers, world.directory)
        self.link = self.wire_class()(world, plan)

    def sender(self, world: World) -> Any:
        tensor = torch.ones(self.shape)
        sent = self.route.send(
            self.link, lambda readers: self.handles(tensor, readers, world.directory)
        )
        if self.handles.answers:
            for reader in self.route.readers:
                for _ in range(self.route.sends):
                    self.link.receive(reader)
        for handle in sent:
            handle.retire()

    def rank(self, world: World) -> list[float]:
        def unwrap(handle: Handle) -> torch.Tensor:
            if handle.answers == "attached":
                self.link.send("sender", b"attached")
            tensor = handle.materialize()
            if handle.answers == "copied":
                self.link.send("sender", b"copied")
            return tensor

        received = [
            self.route.receive(self.link, world.name, unwrap) for _ in range(self.route.sends)
        ]
        return [float(tensor.sum()) for tensor in received]

    def check(self, execution: Any) -> None:
        expected = [float(torch.Size(self.shape).numel())] * self.route_class().sends
        for name, sums in execution.results.items():
            assert name == "sender" or sums == expected, f"{name} got {sums}, not {expected}"

    def route_class(self) -> type[Transport]:
        found: type[Transport] = _class_of("transport", self.transport, TRANSPORTS)
        return found

    def wire_class(self) -> Callable[[World, Plan], Wire]:
        found: Callable[[World, Plan], Wire] = _class_of("wire", self.wire, WIRES)
        return found


def _class_of(what: str, named: str, places: Mapping[str, str]) -> Any:
    module, _, name = places[named].partition(":")
    package = "lifecycles" if what == "lifecycle" else "transports"
    with extras.needed_by(f"the {what} {named}"):
        return getattr(importlib.import_module(f"shmrace.compare.{package}.{module}"), name)
