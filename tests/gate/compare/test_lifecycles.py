"""Each lifecycle by itself, in one actor: made, pickled, unpickled, materialized, retired."""

import importlib
import os
import pickle
import struct
from collections.abc import Callable
from multiprocessing import shared_memory
from typing import Any

import pytest
import torch

import shmrace
from shmrace.compare.lifecycles import LIFECYCLES, SLOW
from shmrace.compare.lifecycles.deferred import DeferredHandle
from shmrace.compare.lifecycles.eager import EagerHandle
from shmrace.compare.lifecycles.handle import Handle
from shmrace.compare.lifecycles.named import NamedHandle
from shmrace.compare.lifecycles.reference_counted import ReferenceCountedHandle

OWN = [name for name in LIFECYCLES if name not in SLOW]


def class_of(name: str) -> type[Handle]:
    module, _, kind = LIFECYCLES[name].partition(":")
    found: type[Handle] = getattr(
        importlib.import_module(f"shmrace.compare.lifecycles.{module}"), kind
    )
    return found


def in_an_actor(body: Callable[[shmrace.World], Any]) -> tuple[Any, list[str]]:
    """What a body returns in a process with a /dev/shm of its own, and the kinds of finding."""

    class Inside(shmrace.Scenario):
        ranks = 1

        def rank(self, world: shmrace.World) -> Any:
            return body(world)

    execution = shmrace.run(Inside())
    return execution.results.get("rank0"), [finding.kind for finding in execution.findings]


class Uncopyable(torch.Tensor):  # type: ignore[misc]
    """A tensor whose bytes cannot be read: the copy into the segment raises."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        if getattr(function, "__name__", "") in ("reshape", "copy_"):
            raise MemoryError("no room for a copy")
        return super().__torch_function__(function, types, args, kwargs or {})


def uncopyable() -> torch.Tensor:
    return torch.ones(4).as_subclass(Uncopyable)


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("shape", [(4, 4), (1,), (2, 3, 5)])
def test_a_tensor_comes_out_as_it_went_in(name: str, shape: tuple[int, ...]) -> None:
    """Of any shape and dtype; and nothing is left, neither segments nor descriptors."""

    def body(world: shmrace.World) -> list[bool]:
        kind = class_of(name)
        kind.prepare("reader", world.directory)
        kind.connect(["reader"], world.directory)
        found = []
        before = len(os.listdir("/proc/self/fd"))
        for dtype in (torch.float32, torch.uint8, torch.int64, torch.bfloat16):
            tensor = torch.arange(torch.Size(shape).numel()).to(dtype).reshape(shape)
            handle = kind(tensor, ["reader"], world.directory)
            received = pickle.loads(pickle.dumps(handle)).materialize()
            handle.retire()
            found.append(received.dtype == dtype and torch.equal(received, tensor))
        return [*found, os.listdir("/dev/shm") == [], len(os.listdir("/proc/self/fd")) == before]

    assert in_an_actor(body) == ([True] * 6, [])


def _write(segment: shared_memory.SharedMemory, value: float) -> None:
    assert segment.buf is not None
    segment.buf[:4] = struct.pack("=f", value)


def test_a_deferred_handle_is_a_view_of_the_segment_until_it_is_materialized() -> None:
    """What is written into the segment is seen through the handle, and not through the copy that
    materialize makes; which it makes once."""

    def body(world: shmrace.World) -> tuple[float, float, bool]:
        handle = DeferredHandle(torch.zeros(4))
        received = pickle.loads(pickle.dumps(handle))
        owner = shared_memory.SharedMemory(handle.name)
        _write(owner, 7.0)
        seen = float(received.tensor[0])
        copy = received.materialize()
        _write(owner, 8.0)
        owner.close()
        return seen, float(copy[0]), received.materialize() is copy

    assert in_an_actor(body) == ((7.0, 7.0, True), [])


def test_a_deferred_handle_may_be_pickled_several_times() -> None:
    def body(world: shmrace.World) -> list[float]:
        handle = DeferredHandle(torch.ones(4))
        both = [pickle.loads(pickle.dumps(handle)) for _ in range(2)]
        return [float(one.materialize().sum()) for one in both]

    assert in_an_actor(body) == ([4.0, 4.0], [])


@pytest.mark.parametrize("name", ["deferred", "owner-unlinks", "unlink-after-attach",
                                  "reference-counted", "descriptor-passing"])  # fmt: skip
def test_a_constructor_leaves_nothing_behind_if_the_copy_raises(name: str) -> None:
    def body(world: shmrace.World) -> bool:
        kind = class_of(name)
        kind.prepare("reader", world.directory)
        kind.connect(["reader"], world.directory)
        before = len(os.listdir("/proc/self/fd"))
        try:
            kind(uncopyable(), ["reader"], world.directory)
        except MemoryError:
            return os.listdir("/dev/shm") == [] and len(os.listdir("/proc/self/fd")) == before
        return False

    assert in_an_actor(body) == (True, [])


def test_the_eager_constructor_leaks_its_segment_if_the_copy_raises() -> None:
    """As the original did: `finally: close()` and no unlink."""

    def body(world: shmrace.World) -> str:
        try:
            EagerHandle(uncopyable())
        except MemoryError as error:
            return str(error)
        return ""

    assert in_an_actor(body) == ("no room for a copy", ["leak"])


def test_an_eager_handle_that_was_unpickled_makes_a_new_segment_when_pickled_again() -> None:
    def body(world: shmrace.World) -> tuple[int, int, float]:
        received = pickle.loads(pickle.dumps(EagerHandle(torch.ones(4))))
        before = len(os.listdir("/dev/shm"))
        again = pickle.dumps(received)
        after = len(os.listdir("/dev/shm"))
        return before, after, float(pickle.loads(again).materialize().sum())

    assert in_an_actor(body) == ((0, 1, 4.0), [])


def test_the_last_of_the_counted_readers_unlinks() -> None:
    def body(world: shmrace.World) -> tuple[int, int]:
        handle = ReferenceCountedHandle(torch.ones(4), ["rank0", "rank1"])
        first, second = (pickle.loads(pickle.dumps(handle)) for _ in range(2))
        first.materialize()
        between = len(os.listdir("/dev/shm"))
        second.materialize()
        return between, len(os.listdir("/dev/shm"))

    assert in_an_actor(body) == ((1, 0), [])


def test_every_lifecycle_with_a_name_shares_what_a_named_handle_does() -> None:
    named = [name for name in LIFECYCLES if issubclass(class_of(name), NamedHandle)]
    assert named == ["eager", "eager-tolerant", "deferred", "owner-unlinks", "unlink-after-attach"]
