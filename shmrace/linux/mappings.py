"""What files a process that stands still has mapped, as ``/proc`` says.  Source: proc(5), and
``PROCMAP_QUERY`` in ``linux/fs.h`` (since Linux 6.11)."""

import fcntl
import os
import struct
from typing import NamedTuple

from shmrace.linux.vdso import PAGE_NAME

_QUERY = struct.Struct("=9Q4I2Q")  # struct procmap_query
_QUERIES = 0xC0686611  # PROCMAP_QUERY
_SHARED_FILES = 0x8 | 0x10 | 0x20  # VMA_SHARED, COVERING_OR_NEXT_VMA, FILE_BACKED_VMA


class Mapping(NamedTuple):
    """One line of ``maps`` that belongs to a file: addresses in bytes."""

    start: int
    end: int
    permissions: str
    device: int
    inode: int
    path: str


def path_of(process: int, start: int, end: int) -> str:
    """A path to the file that is mapped between just these addresses."""
    return f"/proc/{process}/map_files/{start:x}-{end:x}"


def is_mapped(process: int, start: int, end: int, file: tuple[int, int]) -> bool:
    """Is a file, given as (device, inode), mapped between just these addresses?  False also where
    the kernel does not tell."""
    try:
        at = os.stat(path_of(process, start, end))
    except OSError:
        return False
    return (at.st_dev, at.st_ino) == file


def shares(process: int, file: tuple[int, int]) -> bool:
    """Has it a shared mapping of a file, given as (device, inode)?  True also where the kernel does
    not tell."""
    try:
        maps = os.open(f"/proc/{process}/maps", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return True
    address = 0
    try:
        while True:
            query = bytearray(_QUERY.pack(_QUERY.size, _SHARED_FILES, address, *(0,) * 12))
            fcntl.ioctl(maps, _QUERIES, query)
            _, _, _, _, address, _, _, _, inode, major, minor, *_ = _QUERY.unpack(query)
            if (os.makedev(major, minor), inode) == file:
                return True
    except FileNotFoundError:
        return False  # there is no further mapping
    except OSError:
        return True
    finally:
        os.close(maps)


def shared(process: int) -> list[Mapping]:
    """Its writable shared mappings but for the harness' own, in the order of their addresses."""
    found = []
    try:
        with open(f"/proc/{process}/maps", "rb") as lines:
            for line in lines:
                if b" rw-s " not in line and b" r--s " not in line:
                    continue
                span, permissions, _, device, inode, *path = line.split(None, 5)
                major, minor = device.split(b":")
                start, end = span.split(b"-")
                text = path[0].strip().decode(errors="replace") if path else ""
                if text.startswith(f"/memfd:{PAGE_NAME}"):
                    continue
                found.append(
                    Mapping(
                        int(start, 16),
                        int(end, 16),
                        permissions.decode(),
                        os.makedev(int(major, 16), int(minor, 16)),
                        int(inode),
                        text,
                    )
                )
    except OSError:
        return []
    return found
