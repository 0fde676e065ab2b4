"""What this machine allows, what does not work without it, and how to allow it.

The gate is checked by running one small scenario.  Source: seccomp_unotify(2), unshare(2),
pidfd_getfd(2).
"""

import importlib.metadata
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import shared_memory

from shmrace.errors import GateError, GateRefused
from shmrace.linux import unsupported
from shmrace.scenario.base import Scenario, World
from shmrace.scenario.extras import OPTIONAL

_PACKAGES = {
    "torch": "scenarios that pass tensors, those of the catalogue among them; shmrace compare",
    "numpy": "scenarios over arrays, one of the catalogue among them",
    "pyzmq": "shmrace compare over ZMQ and gloo",
    "pytest": "the fixture `race`",
    "hypothesis": "`shmrace.schedules()`",
    "pytest-timeout": "an end to tests that hang",
}

_NAP = 60.0  # seconds of virtual time; in real time it takes none


@dataclass(frozen=True)
class Check:
    """One requirement, and whether this machine meets it."""

    name: str
    allowed: bool
    found: str
    lost: str = ""  # what does not work without it
    advice: str = ""  # how to allow it
    needed: bool = False  # nothing works without it


class Trial(Scenario):
    """A rank makes a segment, unlinks it, and sleeps; it returns how long the sleep took."""

    ranks = 1

    def rank(self, world: World) -> float:
        segment = shared_memory.SharedMemory(create=True, size=64)
        segment.close()
        segment.unlink()
        start = time.monotonic()
        time.sleep(_NAP)
        return time.monotonic() - start


def checks() -> Iterator[Check]:
    """All checks, one after the other."""
    yield _system()
    if unsupported.reason():
        return
    yield _namespaces()
    holds = gate()
    yield holds
    if holds.allowed:
        yield _clocks()
    yield _shared_memory()
    yield Check("cores", True, f"{len(os.sched_getaffinity(0))}; a search uses one")
    for name, lost in _PACKAGES.items():
        yield _package(name, lost)


def _system() -> Check:
    found = f"{platform.system()} {platform.release()}, {platform.machine()}, Python "
    found += platform.python_version()
    return Check(
        "system", not unsupported.reason(), found, "everything: " + unsupported.reason(),
        "run it in a container or a virtual machine with Linux on x86-64 or aarch64", needed=True,
    )  # fmt: skip


def _namespaces() -> Check:
    from shmrace.linux import namespaces

    refused = namespaces.refused(None)
    return Check(
        "namespaces", not refused, refused or "a /dev/shm and pids of one's own",
        "executions work on the host's /dev/shm, one at a time: verdicts assume host-shm, and"
        " shm_size cannot be chosen",
        "allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone,"
        " kernel.apparmor_restrict_unprivileged_userns=0), or run the container with"
        " --cap-add SYS_ADMIN, or with --security-opt seccomp=unconfined",
    )  # fmt: skip


def gate() -> Check:
    """Can shmrace hold system calls on this machine?"""
    try:
        found, allowed = f"held {_trial()} system calls of a trial", True
    except GateError as error:
        found, allowed = str(error), False
    return Check(
        "gate", allowed, found, "everything: no system call can be held",
        "Linux 5.9 or newer with CONFIG_SECCOMP_FILTER, and a container runtime that lets"
        " seccomp(2), pidfd_open(2) and pidfd_getfd(2) through: --cap-add SYS_PTRACE, or"
        " --security-opt seccomp=unconfined;"
        " no other tracer with a seccomp listener around it",
        needed=True,
    )  # fmt: skip


def refusal() -> str:
    """Why this machine refuses the gate; empty if it does not.  Raises `GateError` if a trial of
    it was disturbed, so that nobody knows."""
    try:
        _trial()
    except GateRefused as error:
        return error.why
    return ""


def _trial() -> int:
    """How many system calls were held in an execution that must pass."""
    from shmrace.api.explore import run

    execution = run(Trial)
    if execution.findings:
        raise GateError(f"a trial of the gate failed: {execution.findings[0].first_line}")
    return len(execution.trace)


def _clocks() -> Check:
    """Do actors see virtual time: does their clock move when they sleep?"""
    from shmrace.api.explore import run

    own = run(Trial).results.get("rank0", 0.0) >= _NAP
    return Check(
        "clocks", own, "actors read clocks of their own" if own else "actors read real clocks",
        "a loop with a deadline never sees it pass: its execution is cut, and the search is bounded"
        " (bounded-retries)",
        "run it on x86-64, on a kernel that maps a vDSO",
    )  # fmt: skip


def _shared_memory() -> Check:
    path = "/dev/shm"
    try:
        use = os.statvfs(path)
        names = len(os.listdir(path))
    except OSError as error:
        return Check(
            "/dev/shm", False, os.strerror(error.errno or 0), "shared memory itself",
            "mount a tmpfs on /dev/shm",
        )  # fmt: skip
    size, free = (use.f_frsize * count / 2**20 for count in (use.f_blocks, use.f_bavail))
    kind = _file_system(path)
    found = f"{kind}, {size:,.0f} MiB, {free:,.0f} free, {names} names in it"
    return Check(
        "/dev/shm", kind == "tmpfs", found, "free space is not counted as a tmpfs counts it",
        "mount a tmpfs on /dev/shm",
    )  # fmt: skip


def _package(name: str, lost: str) -> Check:
    try:
        return Check(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        extra = next((one.extra for one in OPTIONAL.values() if one.package == name), "")
        wanted = f"'shmrace[{extra}]'" if extra else name
        return Check(
            name, False, "not installed", lost, f"{sys.executable} -m pip install {wanted}"
        )


def _file_system(path: str) -> str:
    """The type of the file system that was mounted last on a path."""
    with open("/proc/self/mounts", encoding="utf-8", errors="replace") as mounts:
        kinds = [line.split()[2] for line in mounts if line.split()[1] == path]
    return kinds[-1] if kinds else "no file system of its own"
