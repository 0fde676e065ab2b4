"""System-call numbers of the two architectures, and the tiers into which the gates fall.

A *tier* is a set of calls that a run may or may not need to stop at; the filter traps only the
tiers that it is built with.  Numbers: ``arch/x86/entry/syscalls/syscall_64.tbl`` and
``include/uapi/asm-generic/unistd.h`` of Linux; calls that aarch64 does not have are absent there.
"""

import platform
from dataclasses import dataclass

PRIMITIVE_NUMBER = 1000
"""A number that no kernel gives out: the filter sees it before the kernel would refuse it."""

_X86_64 = dict(
    read=0, write=1, open=2, stat=4, fstat=5, lstat=6, poll=7, lseek=8, mmap=9, ioctl=16,
    pread64=17, pwrite64=18, readv=19, writev=20, preadv=295, pwritev=296, access=21,
    select=23, sched_yield=24, nanosleep=35, sendfile=40,
    connect=42, accept=43, sendto=44, recvfrom=45, sendmsg=46, recvmsg=47, clone=56, fork=57,
    vfork=58, execve=59, exit=60, wait4=61, kill=62, fcntl=72, flock=73, truncate=76,
    ftruncate=77, getdents=78, rename=82, mkdir=83, rmdir=84, creat=85, link=86, unlink=87,
    symlink=88, readlink=89, mknod=133, tkill=200, futex=202, getdents64=217,
    clock_nanosleep=230, exit_group=231, epoll_wait=232, tgkill=234, waitid=247, openat=257,
    mkdirat=258, mknodat=259, newfstatat=262, unlinkat=263, renameat=264, linkat=265,
    symlinkat=266, readlinkat=267, faccessat=269, pselect6=270, ppoll=271, set_robust_list=273,
    splice=275, tee=276, vmsplice=278, epoll_pwait=281, fallocate=285, accept4=288,
    recvmmsg=299, sendmmsg=307, renameat2=316, seccomp=317, getrandom=318, memfd_create=319,
    execveat=322, copy_file_range=326, preadv2=327, pwritev2=328, statx=332, pidfd_send_signal=424,
    io_uring_setup=425, io_uring_enter=426, io_uring_register=427, pidfd_open=434, clone3=435,
    openat2=437, pidfd_getfd=438, faccessat2=439, epoll_pwait2=441, futex_waitv=449,
    futex_wait=455, bind=49, listen=50, shutdown=48, close=3, dup2=33, dup3=292, close_range=436,
    kcmp=312,
)  # fmt: skip

_AARCH64 = dict(
    epoll_pwait=22, fcntl=25, ioctl=29, flock=32, mknodat=33, mkdirat=34, unlinkat=35,
    symlinkat=36, linkat=37, renameat=38, truncate=45, ftruncate=46, fallocate=47, faccessat=48,
    openat=56, getdents64=61, lseek=62, read=63, write=64, readv=65, writev=66, sendfile=71,
    pread64=67, pwrite64=68, preadv=69, pwritev=70,
    pselect6=72, ppoll=73, vmsplice=75, splice=76, tee=77, readlinkat=78, newfstatat=79,
    fstat=80, exit=93, exit_group=94, waitid=95, futex=98, set_robust_list=99, nanosleep=101,
    clock_nanosleep=115, sched_yield=124, kill=129, tkill=130, tgkill=131, accept=202,
    connect=203, sendto=206, recvfrom=207, sendmsg=211, recvmsg=212, clone=220, execve=221,
    mmap=222, accept4=242, recvmmsg=243, wait4=260, sendmmsg=269, renameat2=276, seccomp=277,
    getrandom=278, memfd_create=279, execveat=281, copy_file_range=285, preadv2=286, pwritev2=287,
    statx=291, pidfd_send_signal=424, io_uring_setup=425, io_uring_enter=426, io_uring_register=427,
    pidfd_open=434, clone3=435, openat2=437, pidfd_getfd=438, faccessat2=439,
    epoll_pwait2=441, futex_waitv=449, futex_wait=455, bind=200, listen=201, shutdown=210,
    close=57, dup3=24, close_range=436, kcmp=272,
)  # fmt: skip

TIERS: dict[str, frozenset[str]] = {
    "names": frozenset(
        (
            "open creat openat openat2 unlink unlinkat rename renameat renameat2 link linkat "
            "symlink symlinkat mknod mknodat truncate mkdir mkdirat rmdir"
        ).split()
    ),
    "segments": frozenset(
        "ftruncate fallocate fstat newfstatat statx lseek mmap memfd_create".split()
    ),
    "looking": frozenset(
        "stat lstat access faccessat faccessat2 readlink readlinkat getdents getdents64".split()
    ),
    "locks": frozenset("flock fcntl close dup2 dup3 close_range".split()),
    "liveness": frozenset("kill tkill tgkill pidfd_send_signal".split()),
    "time": frozenset("clock_nanosleep nanosleep sched_yield".split()),
    "life": frozenset(
        "clone clone3 fork vfork execve execveat exit exit_group set_robust_list".split()
    ),
    "waits": frozenset(
        (
            "futex futex_waitv futex_wait read readv pread64 preadv preadv2 write writev pwrite64 "
            "pwritev pwritev2 recvfrom "
            "recvmsg recvmmsg sendto sendmsg sendmmsg accept accept4 connect poll ppoll "
            "select pselect6 epoll_wait epoll_pwait epoll_pwait2 wait4 waitid splice tee "
            "vmsplice sendfile copy_file_range ioctl bind listen shutdown"
        ).split()
    ),
    "random": frozenset({"getrandom"}),
    "closed": frozenset("io_uring_setup io_uring_enter io_uring_register".split()),
}


@dataclass(frozen=True)
class Architecture:
    """What differs from one instruction set to the other."""

    name: str
    audit: int  # AUDIT_ARCH_* of linux/audit.h, as seccomp_data.arch shows it
    numbers: dict[str, int]
    has_x32: bool  # bit 30 of the number selects another table

    def name_of(self, number: int) -> str | None:
        """The call with this number, or None if it is no gate."""
        return _NAMES[self.name].get(number)


ARCHITECTURES = {
    "x86_64": Architecture("x86_64", 0xC000003E, _X86_64, has_x32=True),
    "aarch64": Architecture("aarch64", 0xC00000B7, _AARCH64, has_x32=False),
}

_NAMES = {
    name: {number: call for call, number in one.numbers.items()}
    for name, one in ARCHITECTURES.items()
}


def native() -> Architecture:
    """This machine's architecture; raises `OSError` where shmrace has no table for it."""
    machine = platform.machine()
    try:
        return ARCHITECTURES[machine]
    except KeyError:
        raise OSError(f"shmrace has no system-call table for {machine}") from None
