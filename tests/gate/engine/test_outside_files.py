"""Files outside of /dev/shm: a lock file is no channel, and what is written in a file is one."""

import fcntl
import mmap
import os

import pytest

import shmrace
from shmrace import World
from shmrace.search.options import Detail, SearchOptions
from shmrace.search.search import Search

NAME = "/dev/shm/a"


class LockFile(shmrace.Scenario):
    """Who comes first creates a name under a lock, and the other one removes it."""

    mode = "r+"

    def setup(self, world: World) -> None:
        if world.rank == 0:
            open(f"{world.directory}/lock", "w").close()

    def rank(self, world: World) -> None:
        with open(f"{world.directory}/lock", self.mode) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                os.close(os.open(NAME, os.O_CREAT | os.O_EXCL | os.O_RDWR))
            except FileExistsError:
                os.unlink(NAME)
            fcntl.flock(file, fcntl.LOCK_UN)


@pytest.mark.parametrize("mode", ["r+", "a", "w"])
def test_a_lock_file_that_is_opened_for_writing_makes_few_schedules(mode: str) -> None:
    verdict = shmrace.explore(LockFile(mode=mode))
    assert verdict.proof
    assert verdict.executions <= 10


class Counter(shmrace.Scenario):
    """Two ranks count in a file, by calls or in a mapping of it; one count may be lost."""

    how = "call"

    def uses_segments(self) -> bool:
        return False

    def sender(self, world: World) -> bytes:
        path = f"{world.directory}/count"
        with open(path, "wb") as file:
            file.write(b"0" * 8)
        for rank in ("rank0", "rank1"):
            world.send(rank, path)
        for rank in ("rank0", "rank1"):
            world.recv(rank)
        with open(path, "rb") as file:
            return file.read(1)

    def rank(self, world: World) -> None:
        descriptor = os.open(world.recv("sender"), os.O_RDWR)
        if self.how == "call":
            count = int(os.pread(descriptor, 1, 0))
            os.pwrite(descriptor, str(count + 1).encode(), 0)
        else:
            with mmap.mmap(descriptor, 8) as view:
                count = int(view[:1])
                world.checkpoint("read")
                view[:1] = str(count + 1).encode()
        os.close(descriptor)
        world.send("sender", None)

    def check(self, execution: shmrace.Execution) -> None:
        assert execution.results["sender"] == b"2"


@pytest.mark.parametrize("how", ["call", "mapping"])
def test_a_count_in_a_file_is_raced_for(how: str) -> None:
    options = SearchOptions.parse(counts=False, detail=Detail.SHRUNK)
    (finding,) = Search(Counter(how=how), options).run().findings
    assert finding.kind == "invariant"
