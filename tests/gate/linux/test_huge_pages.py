"""Putting memory into huge pages changes nothing that a program can see of it."""

import mmap
import os

import pytest

from shmrace.linux import huge_pages

_SIZE = 8 << 20  # bytes


def _huge_kilobytes() -> int:
    with open("/proc/self/smaps_rollup") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("AnonHugePages:"))


def test_memory_keeps_its_content_in_huge_pages_and_a_fork_sees_it() -> None:
    with mmap.mmap(-1, _SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        content = os.urandom(4096) * (_SIZE // 4096)
        memory[:] = content
        before = _huge_kilobytes()
        assert huge_pages.private_bytes() >= _SIZE
        huge_pages.collapse(10)
        if _huge_kilobytes() == before:
            pytest.skip("this kernel does not put pages together")
        assert memory[:] == content
        pid = os.fork()
        if pid == 0:
            os._exit(memory[:] != content)
        assert os.waitpid(pid, 0)[1] == 0


def test_no_time_is_enough_for_nothing() -> None:
    before = _huge_kilobytes()
    huge_pages.collapse(0)
    assert _huge_kilobytes() <= before
