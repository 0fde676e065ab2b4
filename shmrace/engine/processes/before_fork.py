"""Prepare the orchestrator for the fork of a fork server.

Collect cyclic garbage before forking: unreachable objects may keep descriptors or shared mappings
open in every child, and these would make steps depend on each other.  A collection takes 0.2 s in a
process that has imported torch, and as much again in copied pages if a fork does it.  So it is done
here, and only where there is something to close.  A fork of a large process is made cheap by
putting its memory into huge pages.
"""

import gc
import os

from shmrace.linux import huge_pages, mappings, open_files

_WORTHWHILE = 64 << 20  # bytes of private memory that make a fork slow
_GROWTH = 1.25  # since the last time, at which it pays once more
_LONGEST = 1.0  # seconds to put them together


class ForkPreparation:
    """That of one process, and of those that are forked from it."""

    def __init__(self) -> None:
        self._in_huge_pages = 0  # bytes that there were when they were put together
        self._channels = _channels()  # that were open at first, or after the last collection

    def prepare(self) -> None:
        """Let go of what only garbage holds open; make a fork cheap."""
        shared = any("w" in one.permissions for one in mappings.shared(os.getpid()))
        if shared or not _channels() <= self._channels:
            gc.collect()
            self._channels = _channels()
        size = huge_pages.private_bytes()
        if size > max(_WORTHWHILE, _GROWTH * self._in_huge_pages):
            huge_pages.collapse(_LONGEST)
            self._in_huge_pages = size


def _channels() -> set[str]:
    return set(open_files.channels(os.getpid()).values())


FORK_PREPARATION = ForkPreparation()
"""Of this process."""
