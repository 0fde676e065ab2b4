"""Raw system calls for the few that Python does not offer.

Everything in shmrace that needs ``ctypes`` goes through this module.  ``CDLL`` releases the
interpreter lock around a call, so an actor that waits at its gate does not stop its own threads.
"""

import contextlib
import ctypes
import mmap
import os
from collections.abc import Iterator

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def syscall(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char]) -> int:
    """The result of system call `number`; raises `OSError` with the kernel's errno.

    Source: syscall(2).  Integers are passed as longs, byte strings and buffers by address.
    """
    converted = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = int(_libc.syscall(ctypes.c_long(number), *converted))
    if result < 0:
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error))
    return result


@contextlib.contextmanager
def refused_by(call: str) -> Iterator[None]:
    """Let an `OSError` that is raised within say which call the kernel refused."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, call) from None


def prctl(option: int, value: int) -> None:
    """prctl(2) with one argument; raises `OSError`."""
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error))


def advise(address: int, size: int, advice: int) -> bool:
    """madvise(2) for `size` bytes; did the kernel follow?"""
    return bool(_libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(size), advice) == 0)


def unshare(flags: int) -> None:
    """unshare(2); raises `OSError`."""
    if _libc.unshare(flags) != 0:
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None) -> None:
    """mount(2); raises `OSError` that names the target."""
    result = _libc.mount(
        source.encode(),
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode() if options else None,
    )
    if result != 0:
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error), target)


def inotify(path: str, mask: int) -> int:
    """A non-blocking inotify(7) descriptor that watches one directory; raises `OSError`."""
    descriptor = int(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
    if descriptor < 0 or _libc.inotify_add_watch(descriptor, os.fsencode(path), mask) < 0:
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error), path)
    return descriptor


def inotify_add(descriptor: int, path: str, mask: int) -> int:
    """Watch one more directory; its watch number.  Raises `OSError`."""
    watch = int(_libc.inotify_add_watch(descriptor, os.fsencode(path), mask))
    if watch < 0:
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error), path)
    return watch


def file_system_statistics(descriptor: int) -> bytes:
    """What fstatfs(2) tells, as the kernel lays it out; raises `OSError`."""
    found = _Statistics()
    if _libc.fstatfs(descriptor, ctypes.byref(found)) != 0:
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error))
    return bytes(found)


class _Statistics(ctypes.Structure):
    """struct statfs of 64-bit Linux: fifteen words."""

    _fields_ = (("words", ctypes.c_long * 15),)


def buffer(content: bytes | int) -> ctypes.Array[ctypes.c_char]:
    """A mutable buffer with a stable address: of the given content, or of so many zero bytes."""
    if isinstance(content, int):
        return ctypes.create_string_buffer(content)
    return ctypes.create_string_buffer(content, len(content))


def address(of: ctypes.Array[ctypes.c_char]) -> int:
    """Where a buffer lies in this process' memory."""
    return ctypes.addressof(of)


def keep_for_ever(one: object) -> None:
    """Let an object live until its process is gone, also while the interpreter ends."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(one))


def map_shared(descriptor: int, size: int) -> ctypes.Array[ctypes.c_char]:
    """A file in memory, for reading and writing, shared with whoever is forked; `unmap` it.

    Unlike `mmap.mmap` it keeps no descriptor, through which others could write.
    """
    _libc.mmap.restype = ctypes.c_void_p
    protection = mmap.PROT_READ | mmap.PROT_WRITE
    where = _libc.mmap(
        None, ctypes.c_size_t(size), protection, mmap.MAP_SHARED, descriptor, ctypes.c_long(0)
    )
    if where is None or where == ctypes.c_void_p(-1).value:
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error), "mmap")
    return (ctypes.c_char * size).from_address(where)


def unmap(mapped: ctypes.Array[ctypes.c_char]) -> None:
    """Give the memory back; nobody may use it any more."""
    _libc.munmap(ctypes.c_void_p(ctypes.addressof(mapped)), ctypes.c_size_t(len(mapped)))


def mapping_address(of: mmap.mmap) -> int:
    """Where a writable mapping lies in this process' memory."""
    return ctypes.addressof(ctypes.c_char.from_buffer(of))
