"""What `setup` makes: threads, connections and files that stay; messages among helper threads."""

import os
import socket
import threading

import pytest
import torch
import torch.distributed as dist

import shmrace
from shmrace.engine.choosers import by_schedule
from shmrace.engine.session import Session
from shmrace.model.schedule import Schedule
from shmrace.search.budget import Budget
from shmrace.search.options import SearchOptions
from shmrace.search.search import Search

PATH = "/dev/shm/fixed"


class Gloo(shmrace.Scenario):
    """Rank 0 tells over real gloo that a segment is there; its peers attach and unlink it."""

    ranks = 3

    def setup(self, world: shmrace.World) -> None:
        dist.init_process_group(
            "gloo", init_method=f"file://{os.path.join(world.directory, 'store')}",
            rank=world.rank, world_size=self.ranks,
        )  # fmt: skip

    def rank(self, world: shmrace.World) -> None:
        if world.rank == 0:
            os.close(os.open(PATH, os.O_CREAT | os.O_EXCL))
        dist.broadcast(torch.tensor([1]), 0)
        if world.rank > 0:
            os.close(os.open(PATH, os.O_RDONLY))
            os.unlink(PATH)


class Files(shmrace.Scenario):
    """A rank sees the file that setup made, and none that an earlier execution left."""

    ranks = 1

    def setup(self, world: shmrace.World) -> None:
        open(os.path.join(world.directory, "kept"), "w").close()

    def rank(self, world: shmrace.World) -> list[str]:
        found = sorted(os.listdir(world.directory))
        open(os.path.join(world.directory, "left"), "w").close()
        os.close(os.open(PATH, os.O_CREAT | os.O_EXCL))
        os.unlink(PATH)
        return found


class Told(shmrace.Scenario):
    """Rank 0 tells rank 1 something over a socket; rank 1 has a helper thread, which does nothing.

    `what` says what each does around the message.
    """

    ranks = 2
    what = ""

    def setup(self, world: shmrace.World) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = os.path.join(world.directory, "socket")
        if world.rank == 1:
            self.socket.bind(address)
            self.idle = threading.Thread(target=threading.Event().wait, daemon=True)
            self.idle.start()
        world.barrier()
        if world.rank == 0:
            self.socket.connect(address)
            os.close(os.open(PATH, os.O_CREAT | os.O_EXCL))

    def rank(self, world: shmrace.World) -> None:
        if world.rank == 0:
            if self.what == "unlinks, then tells":
                os.unlink(PATH)
            self.socket.send(b"told")
            if self.what == "tells, then unlinks":
                os.unlink(PATH)
            return
        if self.what == "unlinks, then tells":
            os.close(os.open(PATH, os.O_RDONLY))
            self.socket.recv(16)
        elif self.what == "tells, then unlinks":
            self.socket.recv(16)
            os.close(os.open(PATH, os.O_RDONLY))
        else:
            self.looks()

    def looks(self) -> None:
        """Attach and unlink if there is no message yet."""
        try:
            self.socket.recv(16, socket.MSG_DONTWAIT)
            os.close(os.open("/dev/shm/other", os.O_RDONLY))
        except BlockingIOError:
            self.socket.recv(16)
        os.unlink(PATH)


def test_gloo_has_the_trace_classes_of_its_names_and_its_processes_are_kept() -> None:
    """Two that attach and unlink: 4 classes, as if the message were one of shmrace's own."""
    search = Search(Gloo(), SearchOptions.parse(budget=Budget(100), keep_going=True))
    verdict = search.run()
    assert {finding.kind for finding in verdict.findings} == {"missing-segment", "double-unlink"}
    assert (verdict.complete, verdict.trace_classes, verdict.executions) == (True, 4, 4)
    assert verdict.start == "warm"
    assert verdict.assumes == ("message-order", "data-races")  # of gloo's own threads


def test_processes_with_a_setup_are_kept_together_with_their_threads() -> None:
    with Session(Gloo(ranks=2)) as session:
        session.run(by_schedule(Schedule()))
        assert session._server is not None
        kept = session._server.warm
        assert sorted(kept) == ["rank0", "rank1"]
        assert all(parked.threads for parked in kept.values())
        again = session.run(by_schedule(Schedule()))
        assert again.reused


def test_files_of_setup_stay_and_those_of_an_execution_go() -> None:
    with Session(Files()) as session:
        runs = [session.run(by_schedule(Schedule()), fresh=one == 2) for one in range(4)]
    assert [run.results["rank0"] for run in runs] == [["kept"]] * 4


@pytest.mark.parametrize("what", ["unlinks, then tells", "tells, then unlinks", "looks"])
def test_a_race_around_a_message_to_a_process_with_helpers_is_found(what: str) -> None:
    """Before the message is taken nothing orders the two; after it only what came before it was
    sent; and whoever looks in vain may as well find something."""
    verdict = shmrace.explore(Told(what=what))
    assert [finding.kind for finding in verdict.findings] == ["missing-segment"]
