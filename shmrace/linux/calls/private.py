"""The calls that no other process can notice, each with the reason.

Threads of one process notice them: they share its descriptors and its memory.  So all steps of such
threads depend on each other anyway.  Descriptors, clocks, signals and memory that these calls set
up are used by other calls, which are judged by what the descriptor is.
"""

from shmrace.linux.calls.line import CallClass, Line, Shape, Where
from shmrace.linux.calls.modelled import ABOUT_A_PROCESS

_PRIVATE = Shape("private", "private")
_MAP_ANONYMOUS = 0x20
_FUTEX_OTHERS = (1, 2, 3, 4, 5, 7, 8, 10, 12)  # WAKE, FD, REQUEUE, CMP_REQUEUE, UNLOCK_PI, ...
_OWN_FLAGS = (0, 1, 2, 3, 9, 11, 1030, 1032)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_GETOWN, ...
_TERMINAL = (0x5401, 0x5413, 0x540F, 0x5450, 0x5451)  # TCGETS, TIOCGWINSZ, TIOCGPGRP, FIO(N)CLEX
_SOCKET_KINDS = (2, 3, 6, 7, 8, 9, 10, 13, 15, 20, 21, 38, 39)  # SO_REUSEADDR, SO_TYPE, ...
_ADVICE = (*range(5), 8, *range(10, 26))  # all but MADV_REMOVE and those that break pages
_PROCESS_OPTIONS = (3, 4, 7, 8, 15, 16, 21, 22, 23, 25, 26, 29, 30, 38, 39, 41, 42, 47)
_NAMES_MEMORY = 0x53564D41  # PR_SET_VMA


def _private(why: str, calls: str, where: Where | None = None) -> Line:
    return Line(tuple(calls.split()), CallClass.PRIVATE, _PRIVATE, why, where)


PRIVATE: tuple[Line, ...] = (
    _private("memory that only this process has, until it forks", "mmap", Where(3, bits=0x20)),
    _private(
        "a thread that waits for the word stands at its own gate, which asks for the word itself",
        "futex",
        Where(1, _FUTEX_OTHERS, mask=0x7F),
    ),
    _private("likewise", "futex_wake futex_requeue"),
    _private(
        "flags of its own descriptors, which it may only ask for or set",
        "fcntl",
        Where(1, _OWN_FLAGS),
    ),
    _private("asks a terminal, or sets a flag of its own descriptor", "ioctl", Where(1, _TERMINAL)),
    _private("options that its own socket was made with", "getsockopt", Where(2, _SOCKET_KINDS)),
    _private("advice on its own memory", "madvise", Where(2, _ADVICE)),
    _private("its own name, signals, privileges or limits", "prctl", Where(0, _PROCESS_OPTIONS)),
    _private("names for its own memory", "prctl", Where(0, (_NAMES_MEMORY,))),
    _private(
        "its own address space; bytes of a segment are compared whatever made them visible",
        "brk mprotect munmap mremap mlock mlock2 munlock mlockall munlockall pkey_mprotect"
        " pkey_alloc pkey_free mseal map_shadow_stack membarrier arch_prctl set_thread_area"
        " get_thread_area modify_ldt rseq set_tid_address personality",
    ),
    _private(
        "where its own memory lies in the machine",
        "mbind set_mempolicy get_mempolicy set_mempolicy_home_node getcpu",
    ),
    _private(
        "a hint; tmpfs and memfds have nothing to write back",
        "msync fsync fdatasync sync syncfs sync_file_range readahead fadvise64",
    ),
    _private(
        "a descriptor of its own; what goes through it passes a gate",
        "dup pipe pipe2 socket socketpair eventfd eventfd2"
        " epoll_create epoll_create1 inotify_init inotify_init1 signalfd signalfd4 timerfd_create"
        " timerfd_gettime getsockname setsockopt",
    ),
    _private(
        "its own signal handlers and masks, and the return from a handler",
        "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack",
    ),
    _private("goes on with a call that has passed its gate", "restart_syscall"),
    _private(
        "its own identity",
        "getpid gettid getpgrp getuid geteuid getgid getegid"
        " getresuid getresgid getgroups setuid setgid setreuid setregid setresuid setresgid"
        " setgroups setfsuid setfsgid capset umask",
    ),
    _private("its own limits", "getrlimit setrlimit"),
    _private("about the caller itself", ABOUT_A_PROCESS, Where(0, (0,))),
    _private("likewise", "getpriority ioprio_get", Where(1, (0,))),
    _private("its own working directory, which is open already", "fchdir"),
    _private(
        "clocks are virtual; where they are not, the verdict assumes `timeouts`",
        "time gettimeofday clock_gettime clock_getres getitimer timer_create timer_delete"
        " timer_gettime timer_getoverrun",
    ),
    _private(
        "figures of the machine or of its load, which differ from run to run anyway",
        "uname sysinfo getrusage times sched_get_priority_max sched_get_priority_min",
    ),
    _private(
        "restricts this process further",
        "seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self",
    ),
)
