"""What one actor changes and another may notice: no order of the two is left out.

Each program lets one rank change something that the other looks at.  Both outcomes have to be met,
and each class is run once.  Plain enumeration says what there is to meet.
"""

import ctypes
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import shmrace
from shmrace import World
from shmrace.linux.calls.opaque import OPAQUE
from shmrace.linux.syscalls import native
from shmrace.model.assumptions import Assumption
from tests.support.enumerating import enumerated, reduced

A, B, FOLDER, INSIDE = "/dev/shm/a", "/dev/shm/b", "/dev/shm/folder", "/dev/shm/folder/a"
LIBC = ctypes.CDLL(None, use_errno=True)


def made(path: str, content: bytes = b"") -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    os.write(descriptor, content)
    os.close(descriptor)


def tried(call: Any, *arguments: Any, **options: Any) -> Any:
    """What a call returned, or the name of its errno."""
    try:
        return call(*arguments, **options)
    except OSError as error:
        return type(error).__name__


class Two(shmrace.Scenario):
    """`change` of rank 0 beside `look` of rank 1, on what `make` has made; `holds`: rank 1 has it
    open."""

    holds = False

    def sender(self, world: World) -> None:
        self.make()
        world.send("rank1", None)
        world.recv("rank0")
        world.recv("rank1")
        for path in (INSIDE, f"{FOLDER}/link", A, B):
            tried(os.unlink, path)
        tried(os.rmdir, FOLDER)

    def rank(self, world: World) -> Any:
        if world.rank == 0:
            world.recv("rank1")
            seen = self.change()
        else:
            world.recv("sender")
            held = os.open(A, os.O_RDONLY) if self.holds else -1
            world.send("rank0", None)
            seen = self.look(held)
            if self.holds:
                os.close(held)
        world.send("sender", None)
        return seen

    def make(self) -> None:
        made(A)

    def change(self) -> Any: ...
    def look(self, held: int) -> Any: ...


class LinkCount(Two):
    holds = True

    def change(self) -> None:
        os.unlink(A)

    def look(self, held: int) -> int:
        return os.fstat(held).st_nlink


class SecondName(Two):
    def change(self) -> None:
        os.link(A, B)

    def look(self, held: int) -> int:
        return os.stat(A).st_nlink


class PushedOut(Two):
    holds = True

    def make(self) -> None:
        made(A)
        made(B)

    def change(self) -> None:
        os.rename(B, A)

    def look(self, held: int) -> int:
        return os.fstat(held).st_nlink


class FileMode(Two):
    holds = True

    def change(self) -> None:
        os.chmod(A, 0o400)

    def look(self, held: int) -> int:
        return stat.S_IMODE(os.fstat(held).st_mode)


class ModeByDescriptor(Two):
    def change(self) -> None:
        descriptor = os.open(A, os.O_RDONLY)
        os.fchmod(descriptor, 0o400)
        os.close(descriptor)

    def look(self, held: int) -> int:
        return stat.S_IMODE(os.stat(A).st_mode)


class Times(Two):
    holds = True

    def change(self) -> None:
        os.utime(A, (1, 1))

    def look(self, held: int) -> bool:
        return os.fstat(held).st_mtime == 1


class TimesByDescriptor(Two):
    def change(self) -> None:
        descriptor = os.open(A, os.O_RDONLY)
        os.utime(descriptor, (1, 1))
        os.close(descriptor)

    def look(self, held: int) -> bool:
        return os.stat(A).st_mtime == 1


class FolderTimes(Two):
    """The time of a directory's last change tells that something was created in it."""

    def change(self) -> None:
        made(B)

    def look(self, held: int) -> bool:
        os.utime("/dev/shm", (1, 1))
        return os.stat("/dev/shm").st_mtime == 1


class Link(Two):
    """A segment that is reached by a symbolic link."""

    def change(self) -> None:
        os.symlink(A, B)

    def look(self, held: int) -> Any:
        return tried(os.open, B, os.O_RDONLY) == "FileNotFoundError"


class LinkedFolder(Two):
    """A symbolic link to a directory on the way."""

    def make(self) -> None:
        os.mkdir(FOLDER)
        made(INSIDE)

    def change(self) -> None:
        os.symlink(FOLDER, B)

    def look(self, held: int) -> bool:
        return os.path.exists(f"{B}/a")


class LinkAway(Two):
    """A link in /dev/shm that leads out of it."""

    def change(self) -> None:
        os.symlink("/etc/hostname", B)

    def look(self, held: int) -> bool:
        return os.path.exists(B)


class LinkTurned(Two):
    """A link that is replaced by one to another segment."""

    def make(self) -> None:
        made(A, b"old")
        os.mkdir(FOLDER)
        made(INSIDE, b"newer")
        os.symlink(A, B)

    def change(self) -> None:
        os.symlink(INSIDE, f"{FOLDER}/link")
        os.rename(f"{FOLDER}/link", B)

    def look(self, held: int) -> int:
        return os.stat(B).st_size


class LinkText(Two):
    def make(self) -> None:
        os.symlink(A, B)

    def change(self) -> None:
        os.unlink(B)

    def look(self, held: int) -> Any:
        return tried(os.readlink, B)


class Emptied(Two):
    """A directory can be removed once it is empty."""

    def make(self) -> None:
        os.mkdir(FOLDER)
        made(INSIDE)

    def change(self) -> None:
        os.unlink(INSIDE)

    def look(self, held: int) -> Any:
        return tried(os.rmdir, FOLDER)


class Exchanged(Two):
    """Two names change places."""

    def make(self) -> None:
        made(A, b"a")
        made(B, b"bb")

    def change(self) -> int:
        return int(LIBC.renameat2(-100, A.encode(), -100, B.encode(), 2))

    def look(self, held: int) -> int:
        return os.stat(A).st_size


class Attribute(Two):
    def change(self) -> Any:
        return tried(os.setxattr, A, "trusted.x", b"1")

    def look(self, held: int) -> list[str]:
        return os.listxattr(A)


class Handle(Two):
    """An open with O_PATH asks for the name and opens nothing."""

    def change(self) -> None:
        os.unlink(A)

    def look(self, held: int) -> bool:
        return bool(tried(os.open, A, os.O_PATH) == "FileNotFoundError")


class SystemV(Two):
    """A System V segment is removed while another looks its key up."""

    key = 0x5353

    def make(self) -> None:
        LIBC.shmget(self.key, 4096, 0o1600)

    def change(self) -> None:
        LIBC.shmctl(LIBC.shmget(self.key, 4096, 0), 0, None)

    def look(self, held: int) -> bool:
        return bool(LIBC.shmget(self.key, 4096, 0) >= 0)


class Truncated(Two):
    """An open that truncates, seen through a descriptor that was open before."""

    holds = True

    def make(self) -> None:
        made(A, b"content")

    def change(self) -> None:
        os.close(os.open(A, os.O_RDWR | os.O_TRUNC))

    def look(self, held: int) -> int:
        return os.fstat(held).st_size


class Copied(Two):
    """One reads by copying to another segment, while the other writes."""

    holds = True

    def make(self) -> None:
        made(A, b"old")
        made(B)

    def change(self) -> None:
        descriptor = os.open(A, os.O_RDWR)
        os.pwrite(descriptor, b"new", 0)
        os.close(descriptor)

    def look(self, held: int) -> bytes:
        target = os.open(B, os.O_RDWR)
        os.copy_file_range(held, target, 3)
        copied = os.pread(target, 3, 0)
        os.close(target)
        return copied


class WrittenLast(Two):
    """A write into a segment that nobody holds or names behind it."""

    holds = True

    def make(self) -> None:
        made(A, b"old")

    def change(self) -> None:
        descriptor = os.open(A, os.O_RDWR)
        os.unlink(A)
        os.pwrite(descriptor, b"new", 0)
        os.close(descriptor)

    def look(self, held: int) -> bytes:
        return os.pread(held, 3, 0)


class Hole(Two):
    """A search for data in a file that is filled meanwhile."""

    holds = True

    def make(self) -> None:
        made(A)
        os.truncate(A, 8192)

    def change(self) -> None:
        descriptor = os.open(A, os.O_RDWR)
        os.pwrite(descriptor, b"data", 0)
        os.close(descriptor)

    def look(self, held: int) -> Any:
        return tried(os.lseek, held, 0, os.SEEK_DATA)


class LeftOut(Two):
    """A directory that a path goes into and out of again."""

    def make(self) -> None:
        made(A)
        os.mkdir(FOLDER)

    def change(self) -> None:
        os.rmdir(FOLDER)

    def look(self, held: int) -> bool:
        return os.path.exists(f"{FOLDER}/../a")


class FolderOpen(Two):
    """A directory that is removed while another has it open."""

    def make(self) -> None:
        os.mkdir(FOLDER)

    def change(self) -> Any:
        return tried(os.rmdir, FOLDER)

    def look(self, held: int) -> Any:
        folder = tried(os.open, FOLDER, os.O_RDONLY)
        if not isinstance(folder, int):
            return folder
        links = os.fstat(folder).st_nlink
        inside = tried(os.open, "a", os.O_CREAT | os.O_RDWR, dir_fd=folder)
        if isinstance(inside, int):
            os.close(inside)
        os.close(folder)
        return links, isinstance(inside, int)


PROGRAMS = [
    LinkCount, SecondName, PushedOut, FileMode, ModeByDescriptor, Times, TimesByDescriptor,
    FolderTimes, Link, LinkedFolder, LinkAway, LinkTurned, LinkText, Emptied, Exchanged, Attribute,
    Handle, SystemV, Truncated, Copied, WrittenLast, Hole, LeftOut, FolderOpen,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_others_can_notice_is_tried_in_both_orders(program: type[Two]) -> None:
    every = enumerated(program(), tells_links=True)
    fewer = reduced(program(), tells_links=True)
    assert fewer.outcomes == every.outcomes
    assert len(every.outcomes) > 1
    assert fewer.executions == len(fewer.classes)


class Impatient(shmrace.Scenario):
    """A receive that does not wait finds the message or does not; `anybody`: it does not say whose
    message it wants."""

    anybody = False

    def uses_segments(self) -> bool:
        return False

    def rank(self, world: World) -> Any:
        world.barrier()
        if world.rank:
            world.send(0, world.rank)
            return None
        try:
            return world.recv(None if self.anybody else 1, wait=False)
        except BlockingIOError:
            return "nothing yet"


@pytest.mark.parametrize(("anybody", "expected"), [(False, 2), (True, 3)])
def test_a_receive_that_does_not_wait_is_tried_before_each_message(
    anybody: bool, expected: int
) -> None:
    ranks = 3 if anybody else 2
    fewer = reduced(Impatient(ranks=ranks, anybody=anybody))
    every = enumerated(Impatient(ranks=ranks, anybody=anybody), ("start", "end", "exit"))
    assert fewer.outcomes == every.outcomes
    assert len(fewer.outcomes) == expected


class FirstOfTwo(shmrace.Scenario):
    """A receive from anybody takes the message of whoever has sent by then."""

    ranks = 3

    def uses_segments(self) -> bool:
        return False

    def rank(self, world: World) -> Any:
        world.barrier()
        if world.rank:
            world.send(0, world.rank)
            return None
        return world.recv()


def test_a_receive_from_anybody_may_take_the_message_of_either() -> None:
    fewer, every = reduced(FirstOfTwo()), enumerated(FirstOfTwo(), ("start", "end", "exit"))
    assert fewer.outcomes == every.outcomes
    assert len(fewer.outcomes) == 2


class Inherited(shmrace.Scenario):
    """Parent and child read on through one open file description."""

    ranks = 1

    def rank(self, world: World) -> Any:
        made(A, b"12")
        descriptor = os.open(A, os.O_RDONLY)
        child = os.fork()
        if child == 0:
            os.read(descriptor, 1)
            os._exit(0)
        got = os.read(descriptor, 1)
        os.waitpid(child, 0)
        os.close(descriptor)
        os.unlink(A)
        return got


def test_processes_that_share_an_open_file_go_on_where_the_other_stopped() -> None:
    fewer, every = reduced(Inherited()), enumerated(Inherited())
    assert fewer.outcomes == every.outcomes
    assert {outcome[1] for outcome in fewer.outcomes} == {
        "[('rank0', b'1')]", "[('rank0', b'2')]"
    }  # fmt: skip


WAIT_OR_HARM = {
    "pause",
    "vhangup",
    "uretprobe",
    "fcntl",
    "ioctl",
    "prctl",
    "futex",
    "madvise",
    "getsockopt",
}
"""Calls that never return, that end the caller or its terminal, or that are opaque only for certain
arguments."""


def opaque_calls() -> Iterator[str]:
    """Those that can be made here without any arguments that mean something."""
    for line in OPAQUE:
        if line.shape.family == "opaque":
            yield from sorted({*line.calls} & native().numbers.keys() - WAIT_OR_HARM)


class Unknown(shmrace.Scenario):
    """Every opaque call, with arguments that no call takes."""

    ranks = 1

    def sender(self, world: World) -> None:
        made(A)
        world.send("rank0", None)
        world.recv("rank0")

    def rank(self, world: World) -> None:
        world.recv("sender")
        for call in opaque_calls():
            LIBC.syscall(native().numbers[call], *[ctypes.c_long(-1)] * 6)
        LIBC.syscall(490, 0)  # a call of tomorrow
        LIBC.fcntl(0, 1033, 0)  # F_ADD_SEALS
        LIBC.ioctl(0, 0xC0DE, 0)
        LIBC.prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG
        LIBC.madvise(ctypes.c_void_p(0), ctypes.c_size_t(0), 9)  # MADV_REMOVE
        os.unlink(A)
        world.send("sender", None)


def test_a_program_that_makes_calls_of_which_nothing_is_known_is_not_proved() -> None:
    verdict = shmrace.explore(Unknown())
    assert verdict.status == "pass"
    assert not verdict.proof
    assert Assumption.OPAQUE_CALLS in verdict.assumes
    named = {said.split(" of ")[0] for said in verdict.opaque}
    expected = {*opaque_calls(), "call 490", "fcntl", "ioctl", "prctl", "madvise"}
    assert named == expected
    assert len(expected) > 100


class LeftBehind(shmrace.Scenario):
    """Makes System V objects and leaves them; the next execution must not find them."""

    ranks = 2

    def sender(self, world: World) -> None:
        made(A)
        world.send("rank0", None)
        world.send("rank1", None)

    def rank(self, world: World) -> Any:
        world.recv("sender")
        exclusive = 0o3600
        return [
            LIBC.shmget(7, 4096, exclusive) >= 0,
            LIBC.semget(7, 1, exclusive) >= 0,
            LIBC.msgget(7, exclusive) >= 0,
            tried(os.unlink, A) is None,
        ]

    def check(self, execution: shmrace.Execution) -> None:
        results = execution.results
        for kind in range(3):
            assert results["rank0"][kind] != results["rank1"][kind], "exactly one has made it"


def host_objects() -> list[str]:
    """What the host has of System V objects, as text."""
    return [Path(f"/proc/sysvipc/{kind}").read_text() for kind in ("shm", "sem", "msg")]


def test_what_an_execution_leaves_of_system_v_is_gone_before_the_next() -> None:
    before = host_objects()
    verdict = shmrace.explore(LeftBehind(), budget="5s")
    assert verdict.status == "pass", verdict
    assert verdict.executions > 1
    assert before == host_objects()
