"""A path is judged when its actor goes on: what it led to at the gate may have changed since."""

import os

import pytest

import shmrace
from shmrace import World

A, B, LINK, FOLDER = "/dev/shm/a", "/dev/shm/b", "/dev/shm/l", "/dev/shm/d"


def made(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR))


class Opens(shmrace.Scenario):
    """Rank 1 opens a path that rank 0 lets lead elsewhere; `make` comes before."""

    path = LINK

    def sender(self, world: World) -> None:
        self.make()
        world.send("rank0", None)
        world.send("rank1", None)
        world.recv("rank0")
        world.recv("rank1")
        self.clean()

    def rank(self, world: World) -> None:
        world.recv("sender")
        if world.rank == 0:
            self.change()
        else:
            os.close(os.open(self.path, os.O_RDONLY))
        world.send("sender", None)

    def make(self) -> None: ...
    def change(self) -> None: ...
    def clean(self) -> None: ...


class LinkTurned(Opens):
    def make(self) -> None:
        made(A)
        made(B)
        os.symlink("a", LINK)

    def change(self) -> None:
        os.symlink("b", f"{LINK}2")
        os.rename(f"{LINK}2", LINK)

    def clean(self) -> None:
        for path in (A, B, LINK):
            os.unlink(path)


class LinkMade(Opens):
    def make(self) -> None:
        made(B)

    def change(self) -> None:
        os.symlink("b", LINK)

    def clean(self) -> None:
        os.unlink(B)
        os.unlink(LINK)


class FolderMade(Opens):
    path = f"{FOLDER}/x"

    def change(self) -> None:
        os.mkdir(FOLDER)
        made(self.path)

    def clean(self) -> None:
        os.unlink(self.path)
        os.rmdir(FOLDER)


class FolderMoved(FolderMade):
    """The same name means another file, in a directory that took the place of the first."""

    def make(self) -> None:
        FolderMade.change(self)

    def change(self) -> None:
        os.mkdir(f"{FOLDER}2")
        made(f"{FOLDER}2/x")
        os.unlink(self.path)
        os.rmdir(FOLDER)
        os.rename(f"{FOLDER}2", FOLDER)


@pytest.mark.parametrize("program", [LinkTurned, LinkMade, FolderMade, FolderMoved])
def test_a_path_is_judged_when_its_actor_goes_on(program: type[Opens]) -> None:
    with shmrace.begin(program) as execution:
        execution.advance("sender", until="recv")
        execution.advance("rank1", until="attach")
        execution.advance("rank0", until="send")
        execution.step("rank1")
        (step,) = [one for one in execution.trace if one.operation == "attach"]
        opened = os.path.basename(B if program.path == LINK else program.path)
        last = [one for one in execution.ledger.segments if opened in str(one.names)][-1]
        assert (step.outcome, step.segment) == ("ok", last.label)
    assert execution.engine.observations.ungated == []
