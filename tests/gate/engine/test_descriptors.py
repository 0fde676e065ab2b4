"""Through which descriptor a segment is held makes no difference to what was read or written."""

import mmap
import os

import pytest

import shmrace
from shmrace import World

PATH = "/dev/shm/x"


class Readers(shmrace.Scenario):
    """Ranks read what a maker has written; each pins the file first, by a descriptor of O_PATH."""

    ranks = 2
    pins = True

    @shmrace.actor()
    def maker(self, world: World) -> None:
        descriptor = os.open(PATH, os.O_CREAT | os.O_RDWR, 0o600)
        os.write(descriptor, b"data")
        os.close(descriptor)
        for rank in range(self.ranks):
            world.send(f"rank{rank}", "go")
        for rank in range(self.ranks):
            world.recv(f"rank{rank}")
        os.unlink(PATH)

    def rank(self, world: World) -> None:
        world.recv("maker")
        pinned = os.open(PATH, os.O_PATH | os.O_NOFOLLOW) if self.pins else -1
        descriptor = os.open(PATH, os.O_RDONLY)
        assert os.read(descriptor, 8) == b"data"
        os.close(descriptor)
        if self.pins:
            os.close(pinned)
        world.send("maker", "done")


@pytest.mark.parametrize("pins", [True, False])
def test_a_descriptor_of_o_path_neither_reads_nor_writes(pins: bool) -> None:
    verdict = shmrace.explore(Readers(pins=pins))
    assert (verdict.proof, verdict.executions) == (True, 1)


class Appends(shmrace.Scenario):
    """Rank 1 writes through a descriptor that only writes, behind what rank 0 has mapped."""

    def sender(self, world: World) -> None:
        descriptor = os.open(PATH, os.O_CREAT | os.O_RDWR)
        os.ftruncate(descriptor, 8192)
        os.close(descriptor)

    def rank(self, world: World, _: None) -> None:
        world.barrier()
        if world.rank == 0:
            descriptor = os.open(PATH, os.O_RDWR)
            mmap.mmap(descriptor, 4096).close()
        else:
            descriptor = os.open(PATH, os.O_WRONLY | os.O_APPEND)
            os.write(descriptor, b"x")
        os.close(descriptor)
        world.barrier()
        if world.rank == 0:
            os.unlink(PATH)


def test_who_opens_for_writing_only_has_written_nothing_yet() -> None:
    verdict = shmrace.explore(Appends())
    assert (verdict.status, verdict.complete) == ("pass", True)
    assert verdict.executions == verdict.trace_classes


class Nameless(shmrace.Scenario):
    """Two ranks open a file without a name by way of /proc."""

    ranks = 2
    memfd = True

    @shmrace.actor()
    def owner(self, world: World) -> None:
        if self.memfd:
            descriptor = os.memfd_create("x")
        else:
            descriptor = os.open(PATH, os.O_CREAT | os.O_RDWR)
            os.unlink(PATH)
        os.ftruncate(descriptor, 4096)
        for rank in range(self.ranks):
            world.send(f"rank{rank}", f"/proc/{os.getpid()}/fd/{descriptor}")
        for rank in range(self.ranks):
            world.recv(f"rank{rank}")
        os.close(descriptor)

    def rank(self, world: World) -> None:
        descriptor = os.open(world.recv("owner"), os.O_RDWR)
        mmap.mmap(descriptor, 4096).close()
        os.close(descriptor)
        world.send("owner", "done")


def test_a_memfd_that_is_opened_by_way_of_proc_is_a_segment_like_any_other() -> None:
    ran = {memfd: shmrace.explore(Nameless(memfd=memfd)) for memfd in (True, False)}
    assert ran[True].complete
    assert ran[True].executions == ran[False].executions == 4
