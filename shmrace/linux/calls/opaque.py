"""The calls whose effects are not known: steps that depend on everything.

A line tells what about the call is not known.  Some of these calls turn out to be private once it
is known what their arguments lead to; the family of their shape says what is looked at:

* "opaque": nothing;
* "on-shm": is it about /dev/shm or a memfd?
* "space": is it about /dev/shm, whose size is limited?
* "about-process": is it about another process?
* "shared": may another process have the same open file description?

Calls that no line names, such as those of newer kernels, are opaque too.
"""

from shmrace.linux.calls.line import CallClass, Line, Shape, Where

_OPAQUE = Shape("opaque", "opaque")
_F_SETFL = 4
_NO_PATH = -1  # stands for the working directory itself
_FIONBIO = 0x5421


def _opaque(
    why: str, calls: str, shape: Shape = _OPAQUE, where: Where | None = None
) -> Line:  # fmt: skip
    return Line(tuple(calls.split()), CallClass.OPAQUE, shape, why, where)


def _about(process: int) -> Shape:
    return Shape("about-process", "opaque", process=process)


_SHARED = Shape("shared", "opaque", descriptor=0)

OPAQUE: tuple[Line, ...] = (
    _opaque("flags of an open file description", "fcntl", _SHARED, Where(1, (_F_SETFL,))),
    _opaque("likewise", "ioctl", _SHARED, Where(1, (_FIONBIO,))),
    _opaque("seals, leases, owners and sizes of what the descriptor refers to", "fcntl"),
    _opaque("whatever the device does", "ioctl"),
    _opaque("operations on a futex that are newer than this table", "futex"),
    _opaque("what a set of descriptors is waited for", "epoll_ctl", _SHARED),
    _opaque("what the other end of a connection did", "getsockopt"),
    _opaque("bytes that are taken out of a file, or pages that break", "madvise"),
    _opaque("how the process ends, and who traces it", "prctl"),
    _opaque("free space and inodes", "statfs", Shape("space", "opaque", ((None, 0),))),
    _opaque("likewise", "fstatfs", Shape("space", "opaque", descriptor=0)),
    _opaque(
        "the path to the working directory, which others may rename",
        "getcwd",
        Shape("on-shm", "opaque", ((None, -1),)),
    ),
    _opaque("where all paths begin", "chroot pivot_root"),
    _opaque("limits of another process", "prlimit64", _about(0)),
    _opaque(
        "on which cores another process runs, and when",
        "sched_setaffinity sched_setparam sched_setscheduler sched_setattr",
        _about(0),
    ),
    _opaque("the priority of another process", "setpriority ioprio_set", _about(1)),
    _opaque(
        "memory of another process, or who holds its locks",
        "get_robust_list move_pages migrate_pages",
        _about(0),
    ),
    _opaque("process groups and sessions, which signals go by", "setpgid setsid"),
    _opaque(
        "another process: its memory, descriptors, capabilities",
        "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp"
        " pidfd_getfd capget",
    ),
    _opaque("signals with a value", "rt_sigqueueinfo rt_tgsigqueueinfo"),
    _opaque("waits for signals", "pause rt_sigsuspend rt_sigtimedwait"),
    _opaque(
        "signals and events that come by real time", "alarm setitimer timer_settime timerfd_settime"
    ),
    _opaque("System V shared memory", "shmget shmat shmdt shmctl"),
    _opaque(
        "System V semaphores and messages",
        "semget semop semtimedop semctl msgget msgsnd msgrcv msgctl",
    ),
    _opaque(
        "POSIX message queues",
        "mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr",
    ),
    _opaque(
        "reads and writes that go on behind the caller's back",
        "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents",
    ),
    _opaque("watches on files", "inotify_add_watch inotify_rm_watch fanotify_init fanotify_mark"),
    _opaque("page faults of others", "userfaultfd remap_file_pages memfd_secret"),
    _opaque("what is cached, which depends on who read it", "mincore cachestat"),
    _opaque("files by handles instead of names", "name_to_handle_at open_by_handle_at"),
    _opaque(
        "attributes of files",
        "setxattrat getxattrat listxattrat removexattrat file_getattr"
        " file_setattr quotactl quotactl_fd",
    ),
    _opaque(
        "mounts and namespaces",
        "mount umount2 unshare setns open_tree open_tree_attr move_mount fsopen fsconfig fsmount"
        " fspick mount_setattr statmount listmount ustat sysfs",
    ),
    _opaque("keys of the kernel", "add_key request_key keyctl"),
    _opaque(
        "the machine: its clock, name, modules, devices, programs in the kernel",
        "settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname reboot"
        " kexec_load kexec_file_load init_module finit_module delete_module swapon swapoff"
        " acct syslog vhangup iopl ioperm bpf perf_event_open lsm_get_self_attr"
        " lsm_set_self_attr lsm_list_modules uretprobe",
    ),
    _opaque(
        "calls that no kernel of today has",
        "uselib _sysctl create_module get_kernel_syms query_module nfsservctl getpmsg putpmsg"
        " afs_syscall tuxcall security lookup_dcookie epoll_ctl_old epoll_wait_old vserver",
    ),
)
