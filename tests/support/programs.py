"""Small programs that do what real code does, for the tests of the engine."""

import atexit
import ctypes
import fcntl
import mmap
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import shared_memory
from typing import Any

import shmrace
from shmrace import World

_LIBC = ctypes.CDLL(None, use_errno=True)
PATH = b"/dev/shm/a"


def call(number: int, *arguments: Any) -> int:
    """A raw system call: its result, or minus the errno."""
    result = int(_LIBC.syscall(number, *arguments))
    return result if result >= 0 else -ctypes.get_errno()


def i386(number: int, address: int) -> int:
    """A system call through ``int 0x80`` with one argument in the low 32 bits."""
    code = bytes([0x53, 0xB8, number, 0, 0, 0, 0x89, 0xFB, 0xCD, 0x80, 0x5B, 0xC3])
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40  # MAP_32BIT
    page = mmap.mmap(-1, 4096, flags, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page[: len(code)] = code
    page[256 : 256 + len(PATH) + 1] = PATH + b"\0"
    base = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return int(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint)(base)(base + 256))


def make() -> None:
    os.close(os.open(PATH, os.O_CREAT | os.O_RDWR))


class One(shmrace.Scenario):
    """One rank that runs a function, whose name is a parameter."""

    ranks = 1
    what = ""

    def rank(self, world: World) -> Any:
        return PROGRAMS[self.what]()


def by_open() -> None:
    os.close(call(2, ctypes.c_char_p(PATH), 0o102, 0o600))
    os.unlink(PATH)


def by_creat() -> None:
    os.close(call(85, ctypes.c_char_p(PATH), 0o600))
    os.unlink(PATH)


def by_openat2() -> None:
    how = struct.pack("QQQ", 0o102, 0o600, 0)
    os.close(call(437, -100, ctypes.c_char_p(PATH), how, 24))
    os.unlink(PATH)


def by_mknodat() -> None:
    assert call(259, -100, ctypes.c_char_p(PATH), 0o100600, 0) == 0
    os.unlink(PATH)


def by_symlinkat() -> None:
    os.symlink("elsewhere", PATH)
    os.unlink(PATH)


def by_truncate() -> None:
    make()
    os.truncate(PATH, 4096)
    os.unlink(PATH)


def by_working_directory() -> None:
    os.chdir("/dev/shm")
    os.close(os.open("a", os.O_CREAT | os.O_RDWR))
    os.chdir("/")
    os.unlink(PATH)


def by_directory_descriptor() -> None:
    directory = os.open("/dev/shm", os.O_RDONLY)
    os.close(os.open("a", os.O_CREAT | os.O_RDWR, dir_fd=directory))
    os.unlink("a", dir_fd=directory)


def by_proc_root() -> None:
    os.close(os.open("/proc/self/root/dev/shm/a", os.O_CREAT | os.O_RDWR))
    os.unlink(PATH)


def by_symbolic_link() -> None:
    link = f"/tmp/shmrace-link-{os.getpid()}"
    os.symlink("/dev/shm", link)
    try:
        os.close(os.open(f"{link}/a", os.O_CREAT | os.O_RDWR))
        os.unlink(f"{link}/a")
    finally:
        os.unlink(link)


def by_nameless_file() -> None:
    descriptor = os.open("/dev/shm", os.O_TMPFILE | os.O_RDWR)
    os.ftruncate(descriptor, 64)
    source = b"/proc/self/fd/%d" % descriptor
    follow = 0x400
    assert call(265, -100, ctypes.c_char_p(source), -100, ctypes.c_char_p(PATH), follow) == 0
    os.unlink(PATH)
    os.close(descriptor)


def by_io_uring() -> int:
    make()
    os.unlink(PATH)
    return call(425, 4, (ctypes.c_char * 120)())


def by_i386() -> int:
    make()
    result = i386(10, 0)  # unlink
    os.unlink(PATH)
    return result


def by_x32() -> int:
    make()
    result = call(0x40000057, ctypes.c_char_p(PATH))  # unlink
    os.unlink(PATH)
    return result


def by_memfd() -> None:
    descriptor = os.memfd_create("x")
    os.ftruncate(descriptor, 64)
    os.close(descriptor)


def rename() -> None:
    make()
    os.rename(PATH, b"/dev/shm/b")
    os.unlink(b"/dev/shm/b")


def handlers_of_its_own() -> None:
    segment = shared_memory.SharedMemory(create=True, size=64)
    segment.close()
    atexit.register(segment.unlink)


def a_child_that_leaves_the_body() -> str:
    """The child ends as a process of its own: it runs the handlers that it inherited, and its
    return value is nobody's."""
    segment = shared_memory.SharedMemory(create=True, size=64)
    segment.close()
    parent = os.getpid()
    atexit.register(lambda: segment.unlink() if os.getpid() != parent else None)
    if os.fork() == 0:
        return "child"
    os.wait()
    return "parent"


def threads() -> list[int]:
    done: list[int] = []

    def body(number: int) -> None:
        segment = shared_memory.SharedMemory(create=True, size=64)
        done.append(number)
        segment.close()
        segment.unlink()

    for number in range(2):
        thread = threading.Thread(target=body, args=(number,))
        thread.start()
        thread.join()
    return done


def another_program() -> str:
    make()
    code = "import os; print(os.path.exists('/dev/shm/a'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    os.unlink(PATH)
    return done.stdout.strip()


def time_passes() -> float:
    make()
    os.unlink(PATH)
    started = time.monotonic()
    time.sleep(30)
    threading.Event().wait(30)
    return time.monotonic() - started


def hang() -> None:
    while True:
        pass


def crash() -> None:
    make()
    os.unlink(PATH)
    os.kill(os.getpid(), signal.SIGSEGV)


def nothing() -> None:
    pass


def prints() -> None:
    make()
    print("before the end")
    raise ValueError("an error of its own")


PROGRAMS: dict[str, Callable[[], Any]] = {
    function.__name__: function
    for function in (
        by_open, by_creat, by_openat2, by_mknodat, by_symlinkat, by_truncate,
        by_working_directory, by_directory_descriptor, by_proc_root, by_symbolic_link,
        by_nameless_file, by_io_uring, by_i386, by_x32, by_memfd, rename, handlers_of_its_own,
        a_child_that_leaves_the_body, threads, another_program, time_passes, hang, crash, nothing,
        prints,
    )
}  # fmt: skip


class Deadlock(shmrace.Scenario):
    """Each rank waits for the other's message."""

    def rank(self, world: World) -> None:
        world.recv(1 - world.rank)


class HalfBorn(shmrace.Scenario):
    """Rank 1 attaches a name as soon as it exists, which is before it has a size."""

    def rank(self, world: World) -> None:
        if world.rank == 0:
            segment = shared_memory.SharedMemory("fixed", create=True, size=64)
            world.barrier()
            segment.close()
            segment.unlink()
        else:
            while not os.path.exists("/dev/shm/fixed"):
                time.sleep(1)
            segment = shared_memory.SharedMemory("fixed")
            world.barrier()
            segment.close()


class Keeps(shmrace.Scenario):
    """Rank 0 keeps its mapping of a segment that has no name any more."""

    ranks = 1
    keeps = True

    def sender(self, world: World) -> str:
        segment = shared_memory.SharedMemory(create=True, size=64)
        segment.close()
        return segment.name

    def rank(self, world: World, name: str) -> None:
        segment = shared_memory.SharedMemory(name)
        segment.unlink()
        if self.keeps:
            globals()["kept"] = segment


class Locks(shmrace.Scenario):
    """Ranks that take a file lock in turn: whoever is first, only one holds it."""

    def rank(self, world: World) -> None:
        descriptor = os.open("/dev/shm/lock", os.O_CREAT | os.O_RDWR)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        world.checkpoint("inside")
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
        world.barrier()
        if world.rank == 0:
            os.unlink("/dev/shm/lock")


class Counted(shmrace.Scenario):
    """A count in the segment's own bytes: the last to leave unlinks.  Not atomic."""

    def sender(self, world: World) -> str:
        segment = shared_memory.SharedMemory(create=True, size=8)
        view = segment.buf
        assert view is not None
        view[0] = self.ranks
        del view
        segment.close()
        return segment.name

    def rank(self, world: World, name: str) -> None:
        segment = shared_memory.SharedMemory(name)
        view = segment.buf
        assert view is not None
        count = view[0]
        world.checkpoint("between")
        view[0] = count - 1
        del view
        segment.close()
        if count == 1:
            segment.unlink()


class BadSender(shmrace.Scenario):
    """A sender that raises, or whose payload cannot be pickled."""

    raises = True

    def sender(self, world: World) -> Any:
        if self.raises:
            raise ValueError("no image")
        return lambda: None

    def rank(self, world: World, payload: Any) -> None: ...


class Generations(shmrace.Scenario):
    """A parent that spawns one child after the other, and learns how each ended."""

    @shmrace.actor()
    def parent(self, world: World) -> list[str]:
        ends = []
        for number, role in enumerate((self.fine, self.broken, self.patient)):
            child = world.spawn(role, number)
            if role == self.patient:
                child.kill()
            ends.append(child.join().status)
        return ends

    def fine(self, world: World, number: int) -> int:
        segment = shared_memory.SharedMemory(create=True, size=8)
        segment.close()
        segment.unlink()
        return number

    def broken(self, world: World, number: int) -> None:
        raise KeyError(number)

    def patient(self, world: World, number: int) -> None:
        world.recv("nobody")

    def accept(self, finding: shmrace.Finding, execution: shmrace.Execution) -> bool:
        return finding.actor == "broken"


class Bypass(shmrace.Scenario):
    """Somebody changes the private /dev/shm whom no gate sees: the test itself, from outside."""

    ranks = 1

    def rank(self, world: World) -> None:
        make()
        world.checkpoint("now")
        os.unlink(PATH)


def named_segment() -> str:
    """A segment, by its name."""
    segment = shared_memory.SharedMemory(create=True, size=8)
    segment.close()
    return segment.name


def make_and_unlink() -> None:
    """What a scenario has to do at least."""
    os.unlink(f"/dev/shm/{named_segment()}")


CACHE: dict[str, str] = {}


class Cached(shmrace.Scenario):
    """A rank that remembers, in its module, which names it has attached before, and then does not
    attach them again."""

    def sender(self, world: shmrace.World) -> str:
        return named_segment()

    def rank(self, world: shmrace.World, name: str) -> None:
        if name not in CACHE:
            shared_memory.SharedMemory(name).close()
            CACHE[name] = name
        if world.rank == 0:
            shared_memory.SharedMemory(name).unlink()
