"""What the arguments of a stopped system call say.

Reading them from the actor's memory is the engine's part.  Source: the manual page of each call,
section 2.
"""

import os
import struct

from shmrace.linux.calls.table import SHAPES
from shmrace.linux.paths import AT_FDCWD

AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW = 0x100, 0x400
O_TMPFILE = 0o20000000
CLONE_PIDFD, CLONE_VFORK, CLONE_THREAD = 0x1000, 0x4000, 0x10000
MAP_ANONYMOUS = 0x20

_FOLLOW = frozenset(
    (
        "stat access faccessat truncate chmod fchmodat chown utime utimes futimesat setxattr"
        " removexattr getxattr listxattr chdir execve statfs"
    ).split()
)
"""Calls that follow a symbolic link in the last component of their path."""

_FOLLOW_UNLESS_TOLD = frozenset(
    "newfstatat statx faccessat2 fchmodat2 fchownat utimensat execveat".split()
)
"""Calls that do so unless `AT_SYMLINK_NOFOLLOW` is given."""


def signed(value: int) -> int:
    """An `int` argument out of its register: the low 32 bits, with sign."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value & 0x80000000 else value


def directory_argument(arguments: tuple[int, ...], index: int | None) -> int:
    """The directory's descriptor that a path is relative to."""
    return AT_FDCWD if index is None else signed(arguments[index])


def open_flags(call: str, arguments: tuple[int, ...], how: bytes = b"") -> int:
    """The ``O_*`` flags of an opening call; `how` is the content of openat2's structure."""
    if call == "creat":
        return os.O_CREAT | os.O_WRONLY | os.O_TRUNC
    if call == "openat2":
        return int(struct.unpack_from("=Q", how)[0])
    flags = SHAPES[call].flags
    return arguments[flags] & 0xFFFFFFFF if flags is not None else 0


def follows_last(call: str, arguments: tuple[int, ...], flags: int) -> bool:
    """Does the call follow a symbolic link in the last component of its first path?"""
    if call in ("open", "creat", "openat", "openat2"):
        exclusive = os.O_CREAT | os.O_EXCL
        return not flags & os.O_NOFOLLOW and flags & exclusive != exclusive
    if call in _FOLLOW:
        return True
    if call in _FOLLOW_UNLESS_TOLD:
        return not flags & AT_SYMLINK_NOFOLLOW
    if call == "linkat":
        return bool(flags & AT_SYMLINK_FOLLOW)
    return False


def clone_flags(call: str, arguments: tuple[int, ...], structure: bytes) -> int:
    """The ``CLONE_*`` flags; `structure` is the start of clone3's `clone_args`."""
    if call == "vfork":
        return CLONE_VFORK
    if call == "clone3":
        return int(struct.unpack_from("=Q", structure)[0])
    return arguments[0] if call == "clone" else 0


def seconds_of(content: bytes, unit: float = 1e-9) -> float:
    """The seconds that a timespec means, or with `unit` 1e-6 a timeval."""
    seconds, fraction = struct.unpack("=qq", content)
    return float(seconds + fraction * unit)
