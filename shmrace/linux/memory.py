"""Reading and writing an actor's memory while it stands at its gate: ``/proc/<pid>/mem``.

The descriptor belongs to the address space it was opened on: after an exec it reads empty, and
`reopen` must be called.
"""

import contextlib
import os

_PAGE = os.sysconf("SC_PAGE_SIZE")
LONGEST_PATH = 4096
_MOST = 1 << 30  # bytes that are read at once; an actor may ask for any number
_HIGHEST = (1 << 63) - 1  # address that a file can have; a wild pointer may lie beyond


class Memory:
    """The memory of one process; `close` it."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._descriptor = os.open(f"/proc/{pid}/mem", os.O_RDWR | os.O_CLOEXEC)

    def read(self, address: int, size: int) -> bytes:
        """Exactly `size` bytes; raises `OSError` if they cannot be read."""
        if size <= _MOST and address + size <= _HIGHEST:
            content = os.pread(self._descriptor, size, address)
            if len(content) < size:
                self.reopen()
                content = os.pread(self._descriptor, size, address)
            if len(content) == size:
                return content
        raise OSError(f"{size} bytes at {address:#x} of process {self._pid} are not readable")

    def read_text(self, address: int) -> bytes:
        """The zero-terminated string at `address`, at most `LONGEST_PATH` bytes; page by page, as
        it may end right before memory that is not mapped.  Raises `OSError`."""
        content = b""
        while len(content) < LONGEST_PATH:
            step = min(256, _PAGE - address % _PAGE)
            piece = self.read(address, step)
            head, end, _ = piece.partition(b"\0")
            content += head
            if end:
                return content
            address += step
        raise OSError(f"no path ends within {LONGEST_PATH} bytes of process {self._pid}")

    def write(self, address: int, content: bytes) -> None:
        """Raises `OSError` if it cannot be written whole."""
        if address + len(content) > _HIGHEST or (
            os.pwrite(self._descriptor, content, address) != len(content)
        ):
            raise OSError(f"{len(content)} bytes at {address:#x} of process {self._pid}")

    def reopen(self) -> None:
        """Follow the process into the program that it executed.

        Raises `OSError` if it is gone: then nothing is open, and `close` closes nobody else's.
        """
        self.close()
        self._descriptor = os.open(f"/proc/{self._pid}/mem", os.O_RDWR | os.O_CLOEXEC)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = -1
