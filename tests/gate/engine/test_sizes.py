"""The ledger knows the size of each segment, whatever call has changed it."""

import contextlib
import ctypes
import os
from collections.abc import Callable

import shmrace

LIBC = ctypes.CDLL(None, use_errno=True)
KEEP_SIZE, PUNCH_HOLE = 1, 2
OTHER = "/dev/shm/other"


def fallocate(descriptor: int, mode: int, length: int) -> None:
    if LIBC.fallocate(descriptor, mode, ctypes.c_long(0), ctypes.c_long(length)):
        raise OSError(ctypes.get_errno(), "fallocate")


def source() -> int:
    """A descriptor of another segment, which holds four bytes."""
    descriptor = os.open(OTHER, os.O_RDWR | os.O_CREAT)
    os.write(descriptor, b"abcd")
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.unlink(OTHER)
    return descriptor


def splice(descriptor: int) -> None:
    reads, writes = os.pipe()
    os.write(writes, b"abc")
    assert LIBC.splice(reads, None, descriptor, None, 3, 0) == 3


def append(path: str) -> None:
    os.write(os.open(path, os.O_WRONLY | os.O_APPEND), b"ab")


def shrink_in_vain(path: str) -> None:
    with contextlib.suppress(OSError):
        os.ftruncate(os.open(path, os.O_RDONLY), 3)


Change = Callable[[int, str], object]

FOUR: Change = lambda fd, path: os.write(fd, b"abcd")  # noqa: E731
EIGHT: Change = lambda fd, path: os.ftruncate(fd, 8)  # noqa: E731

CHANGES: dict[str, tuple[Change, ...]] = {
    "write": (lambda fd, path: os.write(fd, b"x" * 24),),
    "write past the end": (lambda fd, path: os.pwrite(fd, b"x" * 8, 32),),
    "writev": (lambda fd, path: os.writev(fd, [b"abc", b"def"]),),
    "reserve": (lambda fd, path: os.posix_fallocate(fd, 0, 24),),
    "reserve within": (EIGHT, lambda fd, path: os.posix_fallocate(fd, 0, 8)),
    "reserve behind": (EIGHT, lambda fd, path: fallocate(fd, KEEP_SIZE, 4096)),
    "punch a hole": (EIGHT, lambda fd, path: fallocate(fd, KEEP_SIZE | PUNCH_HOLE, 4)),
    "shrink": (EIGHT, lambda fd, path: os.ftruncate(fd, 3)),
    "shrink in vain": (EIGHT, lambda fd, path: shrink_in_vain(path)),
    "truncate": (FOUR, lambda fd, path: os.truncate(path, 3)),
    "open and truncate": (FOUR, lambda fd, path: os.close(os.open(path, os.O_RDWR | os.O_TRUNC))),
    "append": (FOUR, lambda fd, path: append(path)),
    "copy": (lambda fd, path: os.copy_file_range(source(), fd, 4),),
    "sendfile": (lambda fd, path: os.sendfile(fd, source(), 0, 4),),
    "splice": (lambda fd, path: splice(fd),),
}


class Sizes(shmrace.Scenario):
    """A segment for each change, which is closed at once, or kept open."""

    closes = True

    @shmrace.actor()
    def creator(self, world: shmrace.World) -> dict[str, int]:
        found = {}
        for name, change in CHANGES.items():
            path = f"/dev/shm/{name}"
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
            for part in change:
                part(descriptor, path)
            if self.closes:
                os.close(descriptor)
        for name in CHANGES:
            found[name] = os.stat(f"/dev/shm/{name}").st_size
        return found


def sizes(closes: bool) -> tuple[dict[str, int], dict[str, int]]:
    """What the ledger knows, and what there is."""
    execution = shmrace.run(Sizes(closes=closes))
    known = {name: segment.size for name, segment in execution.ledger.linked()}
    return known, execution.results["creator"]


def test_sizes_are_known_of_segments_that_are_closed_before_the_next_gate() -> None:
    known, there = sizes(closes=True)
    assert known == there
    assert (there["reserve within"], there["splice"], there["write past the end"]) == (8, 3, 40)


def test_sizes_are_known_of_segments_that_stay_open() -> None:
    known, there = sizes(closes=False)
    assert known == there


def test_a_leak_is_told_with_its_size_at_the_end() -> None:
    class Reserved(shmrace.Scenario):
        @shmrace.actor()
        def creator(self, world: shmrace.World) -> None:
            descriptor = os.open("/dev/shm/x", os.O_RDWR | os.O_CREAT)
            os.ftruncate(descriptor, 8)
            os.posix_fallocate(descriptor, 0, 24)
            os.close(descriptor)

    (finding,) = shmrace.explore(Reserved).findings
    assert "(24 B, created by creator" in finding.message
    assert finding.left == "seg0, 24 B"
