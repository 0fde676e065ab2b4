"""The table of system calls: complete, without contradictions, and held against the kernel."""

import re
from pathlib import Path

import pytest

from shmrace.linux.calls.line import CallClass
from shmrace.linux.calls.table import LINES, LINES_OF, UNKNOWN, line_of
from shmrace.linux.syscalls import ARCHITECTURES, Architecture

HEADERS = {
    "x86_64": (
        Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        r"#define __NR_(\w+)\s+(\d+)",
    ),
    "aarch64": (Path("/usr/include/asm-generic/unistd.h"), r"__NR(?:3264)?_(\w+)\s+(\d+)"),
}
"""The kernel's own lists, where Debian's linux-libc-dev puts them."""

RENAMED = {"fstatat": "newfstatat", "sync_file_range2": "sync_file_range"}
"""What asm-generic calls differently."""

NO_CALLS = {"syscalls", "arch_specific_syscall"}
ONLY_32_BIT = range(403, 424)  # calls with 64-bit times


@pytest.fixture(params=sorted(ARCHITECTURES))
def machine(request: pytest.FixtureRequest) -> Architecture:
    return ARCHITECTURES[request.param]


def test_every_call_of_both_architectures_has_its_lines() -> None:
    every = {call for one in ARCHITECTURES.values() for call in one.numbers}
    assert every == set(LINES_OF)


def test_exactly_one_line_of_a_call_holds_for_all_arguments_and_it_is_the_last() -> None:
    for call, lines in LINES_OF.items():
        assert [line.where is None for line in lines] == [False] * (len(lines) - 1) + [True], call


def test_every_line_that_is_not_modelled_says_why() -> None:
    assert all(line.why for line in LINES if line.call_class is not CallClass.MODELLED)


def test_two_lines_for_the_same_arguments_of_a_call_do_not_exist() -> None:
    for call, lines in LINES_OF.items():
        chosen = [
            (line.where.argument, line.where.mask, value)
            for line in lines
            if line.where is not None
            for value in line.where.values
        ]
        assert len(chosen) == len(set(chosen)), call


def test_no_number_stands_for_two_calls(machine: Architecture) -> None:
    assert len(set(machine.numbers.values())) == len(machine.numbers)


def test_the_kernels_own_list_holds_no_other_call(machine: Architecture) -> None:
    path, line = HEADERS[machine.name]
    if not path.exists():
        pytest.skip(f"needs {path}, of linux-libc-dev")
    known = {}
    for name, number in re.findall(line, path.read_text(encoding="ascii")):
        if name not in NO_CALLS and int(number) not in ONLY_32_BIT:
            known[RENAMED.get(name, name)] = int(number)
    assert known.items() <= machine.numbers.items()
    assert len(known) > 290


@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("openat", (), CallClass.MODELLED),
        ("getpid", (), CallClass.PRIVATE),
        ("shmget", (), CallClass.OPAQUE),
        ("mmap", (0, 4096, 3, 0x22), CallClass.PRIVATE),  # MAP_PRIVATE | MAP_ANONYMOUS
        ("mmap", (0, 4096, 3, 0x01), CallClass.MODELLED),  # MAP_SHARED
        ("fcntl", (3, 6), CallClass.MODELLED),  # F_SETLK
        ("fcntl", (3, 1), CallClass.PRIVATE),  # F_GETFD
        ("fcntl", (3, 1033), CallClass.OPAQUE),  # F_ADD_SEALS
        ("ioctl", (3, 0x5401), CallClass.PRIVATE),  # TCGETS
        ("ioctl", (3, 0xC0DE), CallClass.OPAQUE),
        ("madvise", (0, 4096, 4), CallClass.PRIVATE),  # MADV_DONTNEED
        ("madvise", (0, 4096, 9), CallClass.OPAQUE),  # MADV_REMOVE
        ("futex", (0, 129), CallClass.PRIVATE),  # FUTEX_WAKE_PRIVATE
        ("futex", (0, 128), CallClass.MODELLED),  # FUTEX_WAIT_PRIVATE
        (None, (), CallClass.OPAQUE),
        ("a_call_of_tomorrow", (), CallClass.OPAQUE),
    ],
)
def test_the_class_follows_from_the_call_and_its_arguments(
    call: str | None, arguments: tuple[int, ...], expected: CallClass
) -> None:
    assert line_of(call, (*arguments, *(0,) * (6 - len(arguments)))).call_class is expected


def test_what_no_line_names_is_opaque() -> None:
    assert UNKNOWN.call_class is CallClass.OPAQUE
    assert UNKNOWN.stops
