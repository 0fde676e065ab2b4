"""Clocks out of a page of memory: what a process and those it forks read is what we have set.

A clock is read through the vDSO, past any filter.  Its functions are rewritten to jump to code of
our own, which takes the time from a page that is shared with the orchestrator, counts the reads
there, and lets each take a microsecond, so that no two are alike.  This survives fork, not exec.
Clocks of processor time are asked of the kernel as before.  Source: vdso(7), clock_gettime(2).
"""

import mmap
import os
import platform
import struct
import time

from shmrace.linux import libc

CLOCKS = (0, 1, 4, 5, 6, 7, 11)
"""`CLOCK_REALTIME`, `_MONOTONIC`, `_MONOTONIC_RAW`, `_REALTIME_COARSE`, `_MONOTONIC_COARSE`,
`_BOOTTIME`, `_TAI`: those that follow the page."""

READ_TAKES = 1000  # nanoseconds
_MOST_READS = 1 << 32
_LAST = (1 << 63) - 1  # the latest time that a clock shows
PAGE_NAME = "shmrace-clock"
_TIMES = 64  # where in the page the times begin, 8 bytes for each clock
_SECTION, _SYMBOL = struct.Struct("=IIQQQQIIQQ"), struct.Struct("=IBBHQQ")
_SYMBOLS = 11  # SHT_DYNSYM


class ClockPage:
    """Made in the orchestrator, before it forks what shall see it; nanoseconds throughout."""

    def __init__(self) -> None:
        descriptor = os.memfd_create(PAGE_NAME)
        try:
            os.ftruncate(descriptor, mmap.PAGESIZE)
            self._page = libc.map_shared(descriptor, mmap.PAGESIZE)
            self.inode = (os.fstat(descriptor).st_dev, os.fstat(descriptor).st_ino)
        finally:
            os.close(descriptor)
        self._start = {clock: time.clock_gettime_ns(clock) for clock in CLOCKS}

    def value(self, clock: int, elapsed: int) -> int:
        """What this clock shows when so much time has passed since the start."""
        return self._start.get(clock, 0) + elapsed

    def show(self, elapsed: int) -> None:
        """Let all clocks show this time, until they are read."""
        times = [min(self.value(clock, elapsed), _LAST) for clock in range(CLOCKS[-1] + 1)]
        struct.pack_into(f"=Q{_TIMES - 8}x{len(times)}Q", self._page, 0, 0, *times)

    def reads(self) -> int:
        """How often a clock was read since it was last set, as far as that may be: code under test
        can write over it."""
        return min(int(struct.unpack_from("=Q", self._page)[0]), _MOST_READS)

    def take_over(self) -> None:
        """Let this process, and those that it forks, read clocks from the page.

        Raises `OSError` where the clock cannot be taken over.
        """
        if platform.machine() != "x86_64":
            raise OSError("clocks of this machine are not known")
        functions = _functions()
        codes = _codes(libc.address(self._page))
        room = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        libc.keep_for_ever(room)  # each reading of a clock, however late, runs this code
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            for name, code in codes.items():
                place = libc.mapping_address(room) + room.tell()
                room.write(code.ljust(128, b"\xcc"))
                memory.seek(functions[name])
                memory.write(b"\x48\xb8" + struct.pack("=Q", place) + b"\xff\xe0")  # jump there

    def close(self) -> None:
        """Only in the orchestrator: a process that took clocks over keeps its page."""
        page, self._page = self._page, libc.buffer(bytes(mmap.PAGESIZE))
        libc.unmap(page)


def _codes(page: int) -> dict[str, bytes]:
    """x86-64 machine code of the three functions; they may change rax, rcx and rdx."""
    supported = sum(1 << clock for clock in CLOCKS)
    address = struct.pack("=Q", page)
    billion = struct.pack("=I", 1_000_000_000)
    count = (  # rax: the page; rdx: how often clocks were read before this, in nanoseconds
        b"\x48\xb8" + address  # movabs rax, page
        + b"\xba\x01\x00\x00\x00"  # mov edx, 1
        + b"\xf0\x48\x0f\xc1\x10"  # lock xadd [rax], rdx
        + b"\x48\x69\xd2" + struct.pack("=I", READ_TAKES)  # imul rdx, rdx, READ_TAKES
    )  # fmt: skip
    split = (  # rdx: nanoseconds; then rax: seconds, rdx: the rest
        b"\x48\x89\xd0"  # mov rax, rdx
        b"\x31\xd2"  # xor edx, edx
        b"\xb9" + billion  # mov ecx, 1000000000
        + b"\x48\xf7\xf1"  # div rcx
    )  # fmt: skip
    real_time = b"\x48\x03\x50" + bytes([_TIMES])  # add rdx, [rax + _TIMES]
    read = (
        count
        + b"\x89\xf9"  # mov ecx, edi
        + b"\x48\x03\x54\xc8" + bytes([_TIMES])  # add rdx, [rax + 8 * rcx + _TIMES]
        + split
        + b"\x48\x89\x06"  # mov [rsi], rax
        + b"\x48\x89\x56\x08"  # mov [rsi + 8], rdx
        + b"\x31\xc0\xc3"  # xor eax, eax; ret
    )  # fmt: skip
    chosen = b"\xb9" + struct.pack("=I", supported) + b"\x0f\xa3\xf9"  # mov ecx, ...; bt ecx, edi
    chosen += b"\x73" + bytes([len(read)])  # jnc to the system call
    clock_gettime = (
        b"\x83\xff" + bytes([CLOCKS[-1]])  # cmp edi, the last clock
        + b"\x77" + bytes([len(chosen) + len(read)])  # ja to the system call
        + chosen
        + read
        + b"\xb8\xe4\x00\x00\x00\x0f\x05\xc3"  # mov eax, 228; syscall; ret
    )  # fmt: skip
    microseconds = (
        count + real_time + split
        + b"\x48\x89\x07"  # mov [rdi], rax
        + b"\x48\x89\xd0\x31\xd2"  # mov rax, rdx; xor edx, edx
        + b"\xb9\xe8\x03\x00\x00\x48\xf7\xf1"  # mov ecx, 1000; div rcx
        + b"\x48\x89\x47\x08"  # mov [rdi + 8], rax
    )  # fmt: skip
    gettimeofday = (
        b"\x48\x85\xff"  # test rdi, rdi
        + b"\x74" + bytes([len(microseconds)])  # jz behind it
        + microseconds
        + b"\x31\xc0\xc3"
    )  # fmt: skip
    seconds = count + real_time + split + b"\x48\x85\xff\x74\x03\x48\x89\x07\xc3"
    return {
        "__vdso_clock_gettime": clock_gettime,
        "__vdso_gettimeofday": gettimeofday,
        "__vdso_time": seconds,
    }


def _functions() -> dict[str, int]:
    """The addresses of the vDSO's functions in this process, out of its symbol table (elf(5))."""
    with open("/proc/self/maps") as maps:
        line = next((line for line in maps if line.rstrip().endswith("[vdso]")), "")
    if not line:
        raise OSError("this process has no vDSO")
    start, end = (int(text, 16) for text in line.split()[0].split("-"))
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        memory.seek(start)
        image = memory.read(end - start)
    first, count = struct.unpack_from("=Q", image, 40)[0], struct.unpack_from("=H", image, 60)[0]
    sections = [_SECTION.unpack_from(image, first + _SECTION.size * one) for one in range(count)]
    found = {}
    for section in sections:
        if section[1] != _SYMBOLS:
            continue
        texts = sections[section[6]][4]
        for place in range(section[4], section[4] + section[5], _SYMBOL.size):
            name, _, _, _, value, _ = _SYMBOL.unpack_from(image, place)
            text = image[texts + name :].split(b"\0", 1)[0].decode()
            found[text] = start + value
    return found
