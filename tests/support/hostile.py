"""Ranks that do what no rank should: each is one function, played beside a plain rank."""

import atexit
import builtins
import contextlib
import ctypes
import os
import random
import resource
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import shared_memory
from pathlib import Path
from typing import Any, NoReturn

import shmrace
from shmrace import World
from shmrace.engine.protocol import Primitive
from shmrace.linux import primitive
from shmrace.linux.calls.table import SHAPES
from shmrace.linux.syscalls import PRIMITIVE_NUMBER, native
from tests.support import refusing

_LIBC = ctypes.CDLL(None, use_errno=True)
_LARGE = 20_000_000
_WORDS = (0, 1, 2, 3, 5, 99, 2**62, 2**63, 2**64 - 1)


def segment() -> None:
    made = shared_memory.SharedMemory(create=True, size=8)
    made.close()
    made.unlink()


class Hostile(shmrace.Scenario):
    """One rank lives and dies as it should, beside one that does what its parameter says."""

    ranks = 2
    what = ""

    def rank(self, world: World) -> Any:
        segment()
        return RANKS[self.what](world) if world.rank == 0 else "fine"


def call(number: int, *arguments: int) -> int:
    return int(_LIBC.syscall(ctypes.c_long(number), *map(ctypes.c_ulong, arguments)))


class Runs:
    """It would end whoever unpickles it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (7,)


class RunsToo(Exception):
    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (7,)


class NoText(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __eq__(self, other: object) -> bool:
        os._exit(7)

    __hash__ = Exception.__hash__


def garbage_in_descriptors(world: World) -> None:
    for number in range(3, 64):
        for write in (
            lambda one: os.write(one, b"\xff" * 5000),
            lambda one: os.pwrite(one, b"\xff" * 5000, 0),
            lambda one: os.ftruncate(one, 1 << 40),
        ):
            with contextlib.suppress(OSError):
                write(number)


def garbage_in_prints(world: World) -> None:
    os.write(1, b"\xff\0" * 5000)
    os.ftruncate(1, 1 << 40)


def own_call_with_any_arguments(world: World) -> None:
    drawn = random.Random(1)
    for _ in range(200):
        call(PRIMITIVE_NUMBER, *(drawn.choice(_WORDS) for _ in range(6)))


def own_call_with_any_content(world: World) -> None:
    contents = (
        b"", b"\0", b"[1]\0", b"[" * 100_000 + b"\0", b"{}\0", b'["nobody"]\0', b'["raised",{}]\0',
        b'[["rank0"],2]\0', b'["returned",{"plain":[["dict",1]]}]\0', b"\x80\x05N.",
    )  # fmt: skip
    for kind in (*Primitive, 0, 50):
        for content in contents:
            with contextlib.suppress(OSError):
                primitive.call(kind, content)


def any_call_with_any_arguments(world: World) -> None:
    """Of those that the table models and that end nobody.  Nothing of the machine is within reach:
    the working directory and each descriptor are the actor's own."""
    os.chdir(world.directory)
    own = os.memfd_create("own")
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        os.dup2(own, descriptor)
    drawn = random.Random(2)
    room = ctypes.create_string_buffer(b"/dev/shm/q\0", 4096)
    places = (*_WORDS, ctypes.addressof(room), ctypes.addressof(room) + 64)
    families = ("name", "look", "segment", "memfd", "lock", "random")
    known = native().numbers
    harmless = [one for one, shape in sorted(SHAPES.items()) if shape.family in families]
    numbers = [known[one] for one in harmless if one in known and one != "mmap"]
    for _ in range(300):
        call(drawn.choice(numbers), *(drawn.choice(places) for _ in range(6)))
    with contextlib.suppress(OSError):
        os.unlink("/dev/shm/q")


def clock_page_overwritten(world: World) -> None:
    for line in Path("/proc/self/maps").read_text().splitlines():
        if "shmrace-clock" in line:
            ctypes.memset(int(line.split("-")[0], 16), 0xFF, 4096)
    time.time()
    time.sleep(1)


def sleep_of_centuries(world: World) -> None:
    for _ in range(4):
        asked = (ctypes.c_long * 2)(2**62, 0)
        _LIBC.nanosleep(asked, None)


def large_exception(world: World) -> NoReturn:
    raise ValueError("x" * _LARGE)


def large_note(world: World) -> NoReturn:
    error: Any = ValueError("short")
    error.__notes__ = ["note\n" * (_LARGE // 10)]
    raise error


def wide_group(world: World) -> NoReturn:
    group: Any = getattr(builtins, "ExceptionGroup", lambda text, inner: ValueError(text))
    raise group("a group", [ValueError(str(number)) for number in range(20_000)])


def deep_causes(world: World) -> NoReturn:
    error = ValueError("the first")
    for _ in range(20_000):
        following = ValueError("another")
        following.__cause__ = error
        error = following
    raise error


def large_result(world: World) -> str:
    return "x" * _LARGE


def large_print(world: World) -> None:
    for _ in range(10):
        os.write(2, b"line\n" * (_LARGE // 50))


def large_label(world: World) -> None:
    world.checkpoint("x" * _LARGE)


def large_name(world: World) -> None:
    world.spawn(segment, name="x" * _LARGE).join()


def result_that_runs_code(world: World) -> Runs:
    return Runs()


def exception_that_runs_code(world: World) -> NoReturn:
    raise RunsToo("text")


def message_that_runs_code(world: World) -> None:
    world.send(0, Runs())  # to itself: whoever takes it ends
    world.recv(0)


def exception_without_text(world: World) -> NoReturn:
    raise NoText from NoText()


def directory_deleted(world: World) -> None:
    shutil.rmtree(world.directory)


def directory_replaced(world: World) -> None:
    os.rmdir(world.directory)
    os.symlink("/", world.directory)


def directory_closed(world: World) -> None:
    os.mkdir(f"{world.directory}/closed")
    os.chmod(f"{world.directory}/closed", 0)
    shutil.rmtree(os.path.dirname(world.directory), ignore_errors=True)


def fifo_in_shm(world: World) -> None:
    os.mkfifo("/dev/shm/q")
    opened = os.open("/dev/shm/q", os.O_RDWR)
    os.write(opened, b"x")
    os.unlink("/dev/shm/q")


def fifo_in_the_directory(world: World) -> None:
    os.mkfifo(f"{world.directory}/q")


def terminal(world: World) -> None:
    _, slave = os.openpty()
    os.open(os.ttyname(slave), os.O_RDWR | os.O_NOCTTY)


def segment_of_two_terabytes(world: World) -> None:
    opened = os.open("/dev/shm/q", os.O_CREAT | os.O_RDWR)
    os.ftruncate(opened, 1 << 41)
    os.pwrite(opened, b"x", 1 << 40)
    os.unlink("/dev/shm/q")


def stopped_by_itself(world: World) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def stopped_and_continued(world: World) -> None:
    child = os.fork()
    if child == 0:
        os.kill(os.getppid(), signal.SIGCONT)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGSTOP)
    os.waitpid(child, 0)


def spins(world: World) -> NoReturn:
    while True:
        pass


def alarm(world: World) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    for _ in range(200):
        world.checkpoint("again")


def leaves_at_once(world: World) -> NoReturn:
    os._exit(3)


def leaves(world: World) -> NoReturn:
    sys.exit(3)


def crashes(world: World) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def aborts(world: World) -> NoReturn:
    os.abort()


def closes_everything(world: World) -> None:
    os.closerange(0, 4096)


def twenty_children(world: World) -> None:
    children = [os.fork() or os._exit(0) for _ in range(20)]
    for child in children:
        os.waitpid(child, 0)


def threads_left_behind(world: World) -> None:
    for _ in range(3):
        threading.Thread(target=threading.Event().wait, daemon=True).start()


def daemon(world: World) -> None:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.pause()
        os._exit(0)
    os.wait()


def unshares(world: World) -> None:
    _LIBC.unshare(0x00020000)


def filter_of_its_own(world: World) -> None:
    refusing.refuse("unshare")


def executes(world: World) -> NoReturn:
    os.execv("/bin/true", ["true"])


def recursion(world: World) -> None:
    recursion(world)


def unpicklable_result(world: World) -> Any:
    return lambda: None


def base_exception(world: World) -> NoReturn:
    raise BaseException("base")


def interrupt(world: World) -> NoReturn:
    raise KeyboardInterrupt


def not_dumpable(world: World) -> None:
    _LIBC.prctl(4, 0, 0, 0, 0)
    segment()


def traced(world: World) -> None:
    _LIBC.ptrace(0, 0, 0, 0)


def another_user(world: World) -> None:
    with contextlib.suppress(OSError):
        os.setuid(65534)


def small_limits(world: World) -> None:
    for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_STACK):
        resource.setrlimit(which, (0, 0))


def root_changed(world: World) -> None:
    os.chdir("/proc")
    with contextlib.suppress(OSError):
        os.chroot("/proc")


def _is_in_namespaces() -> bool:
    """The fork server is the first process of its own; elsewhere the machine's would be mounted."""
    return os.getppid() == 1


def mounts_over(world: World) -> None:
    if _is_in_namespaces():
        _LIBC.mount(b"tmpfs", b"/dev/shm", b"tmpfs", 0, None)


def unmounts_proc(world: World) -> None:
    if _is_in_namespaces():
        _LIBC.umount2(b"/proc", 2)


def kills_its_parent(world: World) -> None:
    with contextlib.suppress(OSError):
        os.kill(os.getppid(), signal.SIGTERM)


def kills_all(world: World) -> None:
    with contextlib.suppress(OSError):
        os.kill(-1, signal.SIGCONT)


def ring(world: World) -> None:
    call(425, 4, 0)


def fork_that_returns(world: World) -> str:
    return "child" if os.fork() == 0 else "parent"


def exit_handler_that_raises(world: World) -> None:
    atexit.register(leaves, world)


RANKS: dict[str, Callable[[World], Any]] = {
    one.__name__: one
    for one in (
        garbage_in_descriptors, garbage_in_prints, own_call_with_any_arguments,
        own_call_with_any_content, any_call_with_any_arguments, clock_page_overwritten,
        sleep_of_centuries, large_exception, large_note, wide_group, deep_causes, large_result,
        large_print, large_label, large_name, result_that_runs_code, exception_that_runs_code,
        message_that_runs_code, exception_without_text, directory_deleted, directory_replaced,
        directory_closed, fifo_in_shm, fifo_in_the_directory, terminal, segment_of_two_terabytes,
        stopped_by_itself, stopped_and_continued, spins, alarm, leaves_at_once, leaves, crashes,
        aborts, closes_everything, twenty_children, threads_left_behind, daemon, unshares,
        filter_of_its_own, executes, recursion, unpicklable_result, base_exception, interrupt,
        not_dumpable, traced, another_user, small_limits, root_changed, mounts_over, unmounts_proc,
        kills_its_parent, kills_all, ring, fork_that_returns, exit_handler_that_raises,
    )
}  # fmt: skip
