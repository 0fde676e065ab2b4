"""The calls whose footprints are known: one line for each, with where its arguments are.

Some of them turn out to be private once it is known what their arguments lead to: an open of a file
that no other process uses, a read that would not wait.  Source: the manual page of each call,
section 2.
"""

from shmrace.linux.calls.line import CallClass, Line, Shape, Where

LOCK_COMMANDS = (5, 6, 7, 36, 37, 38)  # F_GETLK, F_SETLK, F_SETLKW and their F_OFD_ forms
_FUTEX_WAITS = (0, 6, 9, 11, 13)  # WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2
_FIONREAD = 0x541B
ABOUT_A_PROCESS = (
    "pidfd_open getpgid getsid sched_getparam sched_getscheduler sched_getaffinity sched_getattr"
    " sched_rr_get_interval"
)


def _line(call: str, shape: Shape, where: Where | None = None) -> Line:
    return Line((call,), CallClass.MODELLED, shape, where=where)


def _name(
    call: str, kind: str, *paths: tuple[int | None, int], flags: int | None = None
) -> Line:  # fmt: skip
    return _line(call, Shape("name", kind, paths, flags=flags))


def _look(
    call: str, *paths: tuple[int | None, int], flags: int | None = None, kind: str = "look"
) -> Line:  # fmt: skip
    return _line(call, Shape("look", kind, paths, flags=flags))


def _segment(call: str, kind: str, descriptor: int = 0) -> Line:
    return _line(call, Shape("segment", kind, descriptor=descriptor))


def _wait(
    call: str, kind: str, descriptor: int | None = 0, flags: int | None = None,
    where: Where | None = None,
) -> Line:  # fmt: skip
    return _line(call, Shape("wait", kind, descriptor=descriptor, flags=flags), where)


def _of(family: str, kind: str, *calls: str) -> list[Line]:
    return [_line(call, Shape(family, kind)) for call in calls]


MODELLED: tuple[Line, ...] = (
    # names
    _name("open", "open", (None, 0), flags=1),
    _name("creat", "open", (None, 0)),
    _name("openat", "open", (0, 1), flags=2),
    _name("openat2", "open", (0, 1), flags=2),
    _name("unlink", "unlink", (None, 0)),
    _name("unlinkat", "unlink", (0, 1)),
    _name("rmdir", "unlink", (None, 0)),
    _name("rename", "rename", (None, 0), (None, 1)),
    _name("renameat", "rename", (0, 1), (2, 3)),
    _name("renameat2", "rename", (0, 1), (2, 3), flags=4),
    _name("link", "link", (None, 0), (None, 1)),
    _name("linkat", "link", (0, 1), (2, 3), flags=4),
    _name("symlink", "symlink", (None, 1)),
    _name("symlinkat", "symlink", (1, 2)),
    _name("mknod", "mknod", (None, 0)),
    _name("mknodat", "mknod", (0, 1)),
    _name("mkdir", "mkdir", (None, 0)),
    _name("mkdirat", "mkdir", (0, 1)),
    _name("truncate", "truncate", (None, 0)),
    # mode, owner, times and extended attributes
    _name("chmod", "change", (None, 0)),
    _name("fchmodat", "change", (0, 1)),
    _name("fchmodat2", "change", (0, 1), flags=3),
    _name("chown", "change", (None, 0)),
    _name("lchown", "change", (None, 0)),
    _name("fchownat", "change", (0, 1), flags=4),
    _name("utime", "change", (None, 0)),
    _name("utimes", "change", (None, 0)),
    _name("futimesat", "change", (0, 1)),
    _name("utimensat", "change", (0, 1), flags=3),
    _name("setxattr", "change", (None, 0)),
    _name("lsetxattr", "change", (None, 0)),
    _name("removexattr", "change", (None, 0)),
    _name("lremovexattr", "change", (None, 0)),
    _segment("fchmod", "change"),
    _segment("fchown", "change"),
    _segment("fsetxattr", "change"),
    _segment("fremovexattr", "change"),
    # looking
    _look("stat", (None, 0)),
    _look("lstat", (None, 0)),
    _look("newfstatat", (0, 1), flags=3),
    _look("statx", (0, 1), flags=2),
    _look("access", (None, 0), kind="access"),
    _look("faccessat", (0, 1), kind="access"),
    _look("faccessat2", (0, 1), flags=3, kind="access"),
    _look("readlink", (None, 0), kind="readlink"),
    _look("readlinkat", (0, 1), kind="readlink"),
    _look("getxattr", (None, 0)),
    _look("lgetxattr", (None, 0)),
    _look("listxattr", (None, 0)),
    _look("llistxattr", (None, 0)),
    _look("chdir", (None, 0), kind="access"),
    _segment("fgetxattr", "stat"),
    _segment("flistxattr", "stat"),
    # segments, through a descriptor
    _segment("ftruncate", "size"),
    _segment("fallocate", "reserve"),
    _segment("fstat", "stat"),
    _segment("lseek", "seek"),
    _segment("mmap", "map", descriptor=4),
    _segment("getdents", "list"),
    _segment("getdents64", "list"),
    *_of("memfd", "create", "memfd_create"),
    # locks
    _line("flock", Shape("lock", "flock", descriptor=0)),
    _line("fcntl", Shape("lock", "record-lock", descriptor=0), Where(1, LOCK_COMMANDS)),
    _line("close", Shape("close", "close", descriptor=0)),
    _line("dup2", Shape("close", "close", descriptor=1)),
    _line("dup3", Shape("close", "close", descriptor=1)),
    _line("close_range", Shape("close", "close")),
    # the life of processes
    *_of("ask", "ask", "getppid"),
    *(_line(call, Shape("ask", "ask", process=0)) for call in ABOUT_A_PROCESS.split()),
    *(_line(call, Shape("ask", "ask", process=1)) for call in ("getpriority", "ioprio_get")),
    *_of("signal", "signal", "kill", "tkill", "tgkill", "pidfd_send_signal"),
    *_of("fork", "fork", "clone", "clone3", "fork", "vfork"),
    _line("execve", Shape("exec", "exec", ((None, 0),))),
    _line("execveat", Shape("exec", "exec", ((0, 1),))),
    *_of("exit", "exit", "exit", "exit_group"),
    *_of("birth", "birth", "set_robust_list"),
    _wait("wait4", "child", None),
    _wait("waitid", "child", None),
    # time and chance
    *_of("sleep", "sleep", "clock_nanosleep", "nanosleep"),
    *_of("sleep", "yield", "sched_yield"),
    *_of("random", "random", "getrandom"),
    # channels, files, and all else that may wait
    _wait("futex", "futex", None, where=Where(1, _FUTEX_WAITS, mask=0x7F)),
    _wait("futex_wait", "futex", None),
    _wait("futex_waitv", "futex", None),
    _wait("read", "read"),
    _wait("readv", "read"),
    _wait("pread64", "read"),
    _wait("preadv", "read"),
    _wait("preadv2", "read"),
    _wait("write", "write"),
    _wait("writev", "write"),
    _wait("pwrite64", "write"),
    _wait("pwritev", "write"),
    _wait("pwritev2", "write"),
    _wait("recvfrom", "read", flags=3),
    _wait("recvmsg", "read", flags=2),
    _wait("recvmmsg", "read", flags=3),
    _wait("sendto", "write", flags=3),
    _wait("sendmsg", "write", flags=2),
    _wait("sendmmsg", "write", flags=3),
    _wait("accept", "read"),
    _wait("accept4", "read"),
    _wait("connect", "connect"),
    _wait("splice", "read"),
    _wait("tee", "read"),
    _wait("vmsplice", "write"),
    _wait("sendfile", "write"),
    _wait("copy_file_range", "write"),
    _wait("ioctl", "ask", where=Where(1, (_FIONREAD,))),  # how much a pipe or socket holds
    _wait("bind", "ask"),
    _wait("listen", "ask"),
    _wait("shutdown", "ask"),
    _wait("getpeername", "ask"),
    _wait("poll", "poll", None),
    _wait("ppoll", "poll", None),
    _wait("select", "select", None),
    _wait("pselect6", "select", None),
    _wait("epoll_wait", "epoll"),
    _wait("epoll_pwait", "epoll"),
    _wait("epoll_pwait2", "epoll"),
    # doors past the gate: refused with ENOSYS
    *_of("closed", "closed", "io_uring_setup", "io_uring_enter", "io_uring_register"),
)
