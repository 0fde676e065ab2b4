"""Programs that fail only in some schedules: none of them may pass as proved."""

import contextlib
import fcntl
import mmap
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from multiprocessing import shared_memory
from typing import Any

import pytest

import shmrace
from shmrace import World
from shmrace.search.options import Detail, SearchOptions
from shmrace.search.search import Search

PATH = "/dev/shm/a"


class Pair(shmrace.Scenario):
    """A file that a sender makes and rank 0 removes at the end; in between, what the subclass lets
    each rank do.  `content` is what the file holds."""

    content = b""

    def sender(self, world: World) -> None:
        descriptor = os.open(PATH, os.O_CREAT | os.O_RDWR)
        os.write(descriptor, self.content)
        os.close(descriptor)
        world.send("rank0", None)
        world.send("rank1", None)

    def rank(self, world: World) -> Any:
        world.recv("sender")
        done = (self.first if world.rank == 0 else self.second)(world)
        self.finally_(world)
        return done

    def first(self, world: World) -> Any: ...
    def second(self, world: World) -> Any: ...

    def finally_(self, world: World) -> None:
        world.barrier()
        if world.rank == 0:
            os.unlink(PATH)


class OpenOrCreate(Pair):
    """An open with O_CREAT makes the file anew if it was removed since it came to the gate."""

    def first(self, world: World) -> None:
        os.close(os.open(PATH, os.O_CREAT | os.O_RDWR))

    def second(self, world: World) -> None:
        os.unlink(PATH)

    def finally_(self, world: World) -> None: ...


class TryLock(Pair):
    """A lock that is asked for without waiting fails while the other holds it."""

    def first(self, world: World) -> None:
        with open(PATH) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            world.checkpoint("inside")

    def second(self, world: World) -> None:
        with open(PATH) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Size(Pair):
    """A write makes the file longer; the other looks at its length."""

    def first(self, world: World) -> None:
        descriptor = os.open(PATH, os.O_RDWR)
        world.checkpoint("open")
        os.write(descriptor, b"x" * 8)
        os.close(descriptor)

    def second(self, world: World) -> None:
        assert os.stat(PATH).st_size == 0


class Positioned(Pair):
    """Reads and writes at a position are no gates; the bytes tell."""

    content = b"0" * 8

    def first(self, world: World) -> None:
        descriptor = os.open(PATH, os.O_RDWR)
        world.checkpoint("open")
        os.pwrite(descriptor, b"1", 0)
        os.close(descriptor)

    def second(self, world: World) -> None:
        descriptor = os.open(PATH, os.O_RDWR)
        world.checkpoint("open")
        assert os.pread(descriptor, 1, 0) == b"0"
        os.close(descriptor)


class Truncated(Pair):
    """A mapping whose file is truncated under it ends in SIGBUS."""

    content = b"0" * 4096

    def first(self, world: World) -> None:
        os.truncate(PATH, 0)

    def second(self, world: World) -> None:
        with open(PATH, "r+b") as file:
            view = mmap.mmap(file.fileno(), 4096) if os.fstat(file.fileno()).st_size else None
        world.checkpoint("mapped")
        if view is not None:
            assert view[0] == ord("0")


class Overwritten(Pair):
    """A write makes the file longer and changes its first byte, which the other has mapped."""

    content = b"0"
    expected = b"0"

    def first(self, world: World) -> None:
        descriptor = os.open(PATH, os.O_RDWR)
        world.recv("rank1")
        os.write(descriptor, b"1" * 8)
        os.close(descriptor)

    def second(self, world: World) -> None:
        with open(PATH, "r+b") as file, mmap.mmap(file.fileno(), 1) as view:
            world.send("rank0", "mapped")
            world.checkpoint("mapped")
            assert view[:1] == self.expected


class OverwrittenTooLate(Overwritten):
    """The same, where the other expects the new byte."""

    expected = b"1"


class Folder(Pair):
    """A file in a folder that the other may not have made yet."""

    def first(self, world: World) -> None:
        os.mkdir("/dev/shm/d")

    def second(self, world: World) -> None:
        os.close(os.open("/dev/shm/d/x", os.O_CREAT | os.O_RDWR))

    def finally_(self, world: World) -> None:
        world.barrier()
        if world.rank == 0:
            os.unlink("/dev/shm/d/x")
            os.rmdir("/dev/shm/d")
            os.unlink(PATH)


class Child(Pair):
    """A child that attaches a name which its parent removes meanwhile, and fails."""

    def first(self, world: World) -> None:
        child = multiprocessing.get_context("fork").Process(target=_attach)
        child.start()
        os.unlink(PATH)
        child.join()

    def finally_(self, world: World) -> None: ...


class Thread(Child):
    """The same with a thread."""

    def first(self, world: World) -> None:
        thread = threading.Thread(target=_attach)
        thread.start()
        os.unlink(PATH)
        thread.join()


class HardExit(Pair):
    """A rank that leaves without a word when it finds nothing."""

    def first(self, world: World) -> None:
        os.unlink(PATH)

    def second(self, world: World) -> None:
        try:
            _attach()
        except FileNotFoundError:
            os._exit(7)

    def finally_(self, world: World) -> None: ...


class Alive(Pair):
    """A parent that looks whether its child has ended, without waiting."""

    def first(self, world: World) -> None:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        ended, _ = os.waitpid(pid, os.WNOHANG)
        if not ended:
            os.waitpid(pid, 0)
        world.checkpoint("looked")
        assert ended == 0


class Unpicklable(Pair):
    """A rank that returns what cannot be pickled."""

    def first(self, world: World) -> Any:
        return lambda: None


def _attach() -> None:
    os.close(os.open(PATH, os.O_RDWR))


@pytest.mark.parametrize(
    ("scenario", "kinds"),
    [
        (OpenOrCreate, {"leak"}),
        (TryLock, {"rank-error"}),
        (Size, {"assertion"}),
        (Positioned, {"assertion"}),
        (Truncated, {"rank-crash"}),
        (Overwritten, {"assertion"}),
        (OverwrittenTooLate, {"assertion"}),
        (Folder, {"missing-segment", "rank-error"}),
        (Child, {"missing-segment"}),
        (Thread, {"missing-segment"}),
        (HardExit, {"missing-segment"}),
        (Alive, {"assertion"}),
        (Unpicklable, {"rank-error"}),
    ],
)
def test_a_race_that_some_schedule_loses_is_found(
    scenario: type[shmrace.Scenario], kinds: set[str]
) -> None:
    options = SearchOptions.parse(budget="40s", counts=False, detail=Detail.SHRUNK)
    verdict = Search(scenario(), options).run()
    found = {finding.kind for finding in verdict.findings}
    assert found, f"{verdict.status}, complete: {verdict.complete}, {verdict.reason}"
    assert found <= kinds


class Recovers(shmrace.Scenario):
    """Rank 1 cleans up when rank 0 is dead, and does not expect that nothing is left to clean."""

    def sender(self, world: World) -> None:
        os.close(os.open(PATH, os.O_CREAT | os.O_RDWR))
        world.send("rank0", None)
        world.send("rank1", None)

    def rank(self, world: World) -> None:
        world.recv("sender")
        if world.rank == 0:
            os.unlink(PATH)
        try:
            world.barrier()
        except shmrace.PeerDied:
            os.unlink(PATH)


def test_an_error_in_recovery_is_no_consequence_of_the_death() -> None:
    """Rank 0 dies after its unlink and before the barrier: rank 1 unlinks in vain."""
    verdict = shmrace.explore(Recovers, faults=["kill@rank0"], budget="40s")
    assert [finding.kind for finding in verdict.findings] == ["double-unlink"]


class Simple(shmrace.Scenario):
    """One rank that makes a segment and removes it."""

    ranks = 1

    def rank(self, world: World) -> None:
        segment = shared_memory.SharedMemory(create=True, size=8)
        segment.close()
        segment.unlink()


@pytest.mark.parametrize("fault", ["kill@rank0", "kill:unlink@rank0", "kill:size@rank*"])
def test_a_fault_before_one_operation_is_tried_there(fault: str) -> None:
    verdict = shmrace.explore(Simple, faults=[fault])
    assert [finding.kind for finding in verdict.findings] == ["leak"]


@pytest.mark.parametrize("fault", ["kill@nobody", "kill:dance@rank0"])
def test_a_fault_that_strikes_nobody_is_no_pass(fault: str) -> None:
    verdict = shmrace.explore(Simple, faults=[fault])
    assert verdict.reason == f"no fault ever struck: {fault} matches nothing that happened"


def through_a_flag(world: World) -> None:
    """Rank 0 makes a file outside; rank 1 looks whether it is there."""
    flag = f"{world.directory}/flag"
    if world.rank == 0:
        open(flag, "w").close()
    elif os.path.exists(flag):
        world.checkpoint("seen")


def through_a_rename(world: World) -> None:
    """Rank 0 writes a file and renames it to where rank 1 looks for it."""
    final = f"{world.directory}/final"
    if world.rank == 0:
        with open(f"{final}.new", "w") as file:
            file.write("x")
        os.rename(f"{final}.new", final)
    else:
        with contextlib.suppress(FileNotFoundError):
            open(final).close()


def from_anybody(world: World) -> None:
    """Rank 0 takes two messages in the order of their senders, not of their sending."""
    if world.rank == 0:
        world.recv()
        world.recv()
    else:
        world.send(0, world.rank)


@pytest.mark.parametrize("talk", [through_a_flag, through_a_rename, from_anybody])
def test_words_that_pass_by_the_gate_are_an_assumption(talk: Callable[[World], None]) -> None:
    class Talks(shmrace.Scenario):
        ranks = 3

        def rank(self, world: World) -> None:
            segment = shared_memory.SharedMemory(create=True, size=8)
            segment.close()
            segment.unlink()
            talk(world)

    verdict = shmrace.explore(Talks, budget="20s")
    assert not verdict.proof
    assert "message-order" in verdict.assumes


def test_who_polls_for_ever_in_every_schedule_is_no_pass_though_it_is_accepted() -> None:
    class Polls(shmrace.Scenario):
        ranks = 1

        def rank(self, world: World) -> None:
            segment = shared_memory.SharedMemory(create=True, size=8)
            segment.close()
            segment.unlink()
            while not os.path.exists("/dev/shm/never"):
                time.sleep(1)

        def accept(self, finding: shmrace.Breach, execution: shmrace.Execution) -> bool:
            return finding.kind == "livelock"

    verdict = shmrace.explore(Polls)
    assert verdict.status == "inconclusive"
    assert verdict.reason.endswith("rank0 never ended in any execution")


def test_nested_folders_are_followed() -> None:
    class Nests(shmrace.Scenario):
        ranks = 1

        def rank(self, world: World) -> None:
            os.makedirs("/dev/shm/x/y")
            os.close(os.open("/dev/shm/x/y/z", os.O_CREAT))
            os.unlink("/dev/shm/x/y/z")
            os.rmdir("/dev/shm/x/y")
            os.rmdir("/dev/shm/x")

    assert shmrace.explore(Nests).proof


class CountedInPlace(shmrace.Scenario):
    """A count is read and written at a place of a file; who sees a one unlinks the segment."""

    inside = True  # the file is the segment itself, else an ordinary one

    def sender(self, world: shmrace.World) -> None:
        os.close(os.open("/dev/shm/a", os.O_CREAT | os.O_RDWR))
        descriptor = os.open(self._file(world), os.O_CREAT | os.O_RDWR)
        os.write(descriptor, b"2")
        os.close(descriptor)

    def rank(self, world: shmrace.World, _: None) -> None:
        descriptor = os.open(self._file(world), os.O_RDWR)
        count = int(os.pread(descriptor, 1, 0))
        os.pwrite(descriptor, str(count - 1).encode(), 0)
        os.close(descriptor)
        if count == 1:
            os.unlink("/dev/shm/a")

    def _file(self, world: shmrace.World) -> str:
        return "/dev/shm/a" if self.inside else f"{world.directory}/count"


@pytest.mark.parametrize("inside", [True, False])
def test_a_count_that_is_read_and_written_at_a_place_of_a_file_is_raced_for(inside: bool) -> None:
    """Both read a two, nobody unlinks: pread and pwrite are steps, in a segment as in a file
    through which processes talk."""
    (finding,) = shmrace.explore(CountedInPlace(inside=inside)).findings
    assert finding.kind == "leak"
