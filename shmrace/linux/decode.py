"""What a stopped system call is about: the shape of each call that is a gate.

A `Shape` says to which family a call belongs and which of its arguments are paths, descriptors
and flags; reading them from the actor's memory is the engine's part.  Source: the manual page of
each call, section 2.
"""

import os
import struct
from dataclasses import dataclass

from shmrace.linux.paths import AT_FDCWD

AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW = 0x100, 0x400
O_TMPFILE = 0o20000000
CLONE_VFORK, CLONE_THREAD = 0x4000, 0x10000
MAP_ANONYMOUS = 0x20


@dataclass(frozen=True)
class Shape:
    """`paths` are pairs (directory's descriptor argument or None for the working directory, path
    argument); `flags` and `descriptor` are argument numbers."""

    family: str
    kind: str
    paths: tuple[tuple[int | None, int], ...] = ()
    descriptor: int | None = None
    flags: int | None = None


def _name(kind: str, *paths: tuple[int | None, int], flags: int | None = None) -> Shape:
    return Shape("name", kind, paths, flags=flags)


def _wait(kind: str, descriptor: int | None = 0, flags: int | None = None) -> Shape:
    return Shape("wait", kind, descriptor=descriptor, flags=flags)


SHAPES: dict[str, Shape] = {
    "open": _name("open", (None, 0), flags=1),
    "creat": _name("open", (None, 0)),
    "openat": _name("open", (0, 1), flags=2),
    "openat2": _name("open", (0, 1), flags=2),
    "unlink": _name("unlink", (None, 0)),
    "unlinkat": _name("unlink", (0, 1)),
    "rmdir": _name("unlink", (None, 0)),
    "rename": _name("rename", (None, 0), (None, 1)),
    "renameat": _name("rename", (0, 1), (2, 3)),
    "renameat2": _name("rename", (0, 1), (2, 3)),
    "link": _name("link", (None, 0), (None, 1)),
    "linkat": _name("link", (0, 1), (2, 3), flags=4),
    "symlink": _name("symlink", (None, 1)),
    "symlinkat": _name("symlink", (1, 2)),
    "mknod": _name("mknod", (None, 0)),
    "mknodat": _name("mknod", (0, 1)),
    "mkdir": _name("mkdir", (None, 0)),
    "mkdirat": _name("mkdir", (0, 1)),
    "truncate": _name("truncate", (None, 0)),
    "stat": Shape("look", "look", ((None, 0),)),
    "lstat": Shape("look", "look", ((None, 0),)),
    "access": Shape("look", "look", ((None, 0),)),
    "faccessat": Shape("look", "look", ((0, 1),)),
    "faccessat2": Shape("look", "look", ((0, 1),), flags=3),
    "readlink": Shape("look", "look", ((None, 0),)),
    "readlinkat": Shape("look", "look", ((0, 1),)),
    "newfstatat": Shape("look", "look", ((0, 1),), flags=3),
    "statx": Shape("look", "look", ((0, 1),), flags=2),
    "ftruncate": Shape("segment", "size", descriptor=0),
    "fallocate": Shape("segment", "reserve", descriptor=0),
    "fstat": Shape("segment", "stat", descriptor=0),
    "lseek": Shape("segment", "seek", descriptor=0),
    "mmap": Shape("segment", "map", descriptor=4),
    "getdents": Shape("segment", "list", descriptor=0),
    "getdents64": Shape("segment", "list", descriptor=0),
    "memfd_create": Shape("memfd", "create"),
    "flock": Shape("lock", "flock", descriptor=0),
    "fcntl": Shape("lock", "record-lock", descriptor=0),
    "close": Shape("close", "close", descriptor=0),
    "dup2": Shape("close", "close", descriptor=1),
    "dup3": Shape("close", "close", descriptor=1),
    "close_range": Shape("close", "close"),
    "kill": Shape("signal", "signal"),
    "tkill": Shape("signal", "signal"),
    "tgkill": Shape("signal", "signal"),
    "pidfd_send_signal": Shape("signal", "signal"),
    "clock_nanosleep": Shape("sleep", "sleep"),
    "nanosleep": Shape("sleep", "sleep"),
    "sched_yield": Shape("sleep", "yield"),
    "clone": Shape("fork", "fork"),
    "clone3": Shape("fork", "fork"),
    "fork": Shape("fork", "fork"),
    "vfork": Shape("fork", "fork"),
    "execve": Shape("exec", "exec"),
    "execveat": Shape("exec", "exec"),
    "exit": Shape("exit", "exit"),
    "exit_group": Shape("exit", "exit"),
    "set_robust_list": Shape("birth", "birth"),
    "getrandom": Shape("random", "random"),
    "io_uring_setup": Shape("closed", "io_uring_setup"),
    "io_uring_enter": Shape("closed", "io_uring_enter"),
    "io_uring_register": Shape("closed", "io_uring_register"),
    "futex": _wait("futex", None),
    "futex_wait": _wait("futex", None),
    "futex_waitv": _wait("futex", None),
    "read": _wait("read"),
    "readv": _wait("read"),
    "pread64": _wait("read"),
    "preadv": _wait("read"),
    "preadv2": _wait("read"),
    "write": _wait("write"),
    "writev": _wait("write"),
    "pwrite64": _wait("write"),
    "pwritev": _wait("write"),
    "pwritev2": _wait("write"),
    "recvfrom": _wait("read", flags=3),
    "recvmsg": _wait("read", flags=2),
    "recvmmsg": _wait("read", flags=3),
    "sendto": _wait("write", flags=3),
    "sendmsg": _wait("write", flags=2),
    "sendmmsg": _wait("write", flags=3),
    "accept": _wait("read"),
    "accept4": _wait("read"),
    "connect": _wait("connect"),
    "splice": _wait("read"),
    "tee": _wait("read"),
    "vmsplice": _wait("write"),
    "sendfile": _wait("write"),
    "copy_file_range": _wait("write"),
    "ioctl": _wait("ask"),
    "bind": _wait("ask"),
    "listen": _wait("ask"),
    "shutdown": _wait("ask"),
    "poll": _wait("poll", None),
    "ppoll": _wait("poll", None),
    "select": _wait("select", None),
    "pselect6": _wait("select", None),
    "epoll_wait": _wait("epoll"),
    "epoll_pwait": _wait("epoll"),
    "epoll_pwait2": _wait("epoll"),
    "wait4": _wait("child", None),
    "waitid": _wait("child", None),
}


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
    if call in ("stat", "access", "faccessat", "truncate"):
        return True
    if call in ("newfstatat", "statx", "faccessat2"):
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
