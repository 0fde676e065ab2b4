"""What a fork server inherits is put in order before it is forked."""

import gc
import mmap
import os
import weakref
from collections.abc import Iterator

import pytest

from shmrace.engine.processes.before_fork import ForkPreparation
from shmrace.linux import mappings


class Ring:
    """Garbage that only the collector lets go of, with what it holds."""

    def __init__(self, held: object = None) -> None:
        self.myself = self
        self.held = held


@pytest.fixture(autouse=True)
def no_collection_by_chance() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_shared_mapping_that_only_garbage_holds_is_let_go() -> None:
    before = len(_shared())
    Ring(mmap.mmap(-1, 4096))
    assert len(_shared()) == before + 1
    ForkPreparation().prepare()
    assert len(_shared()) == before


def test_a_pipe_that_only_garbage_holds_is_let_go() -> None:
    heritage = ForkPreparation()
    incoming, outgoing = os.pipe()
    Ring((os.fdopen(incoming), os.fdopen(outgoing, "w")))
    heritage.prepare()
    for descriptor in (incoming, outgoing):
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)


def test_garbage_that_holds_nothing_open_costs_nothing() -> None:
    if _shared():
        pytest.skip("this process shares memory, so all garbage is collected")
    ring = weakref.ref(Ring())
    ForkPreparation().prepare()
    assert ring() is not None


def _shared() -> list[mappings.Mapping]:
    return [one for one in mappings.shared(os.getpid()) if "w" in one.permissions]
