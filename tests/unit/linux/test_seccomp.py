"""The filter, run through an interpreter of classic BPF: which calls are gates."""

import struct
from functools import cache

import pytest

from shmrace.linux.calls.table import line_of
from shmrace.linux.seccomp import build, build_trial
from shmrace.linux.syscalls import ARCHITECTURES, PRIMITIVE_NUMBER, Architecture

ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000


@cache
def _built(machine: str, trial: bool) -> bytes:
    return (build_trial if trial else build)(ARCHITECTURES[machine])


def decide(
    machine: Architecture, number: int, arguments: tuple[int, ...] = (), audit: int | None = None,
    trial: bool = False,
) -> int:  # fmt: skip
    """What the kernel would do with a call: the filter's return value."""
    program = _built(machine.name, trial)
    padded = (*arguments, *(0,) * (6 - len(arguments)))
    arch = machine.audit if audit is None else audit
    data = struct.pack("<iIQ6Q", number, arch, 0, *padded)
    accumulator = place = 0
    while True:
        code, if_true, if_false, constant = struct.unpack_from("<HBBI", program, 8 * place)
        place += 1
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, constant)[0]
        elif code == 0x54:
            accumulator &= constant
        elif code == 0x05:
            place += constant
        elif code == 0x06:
            return int(constant)
        else:
            tests = {
                0x15: accumulator == constant,
                0x35: accumulator >= constant,
                0x45: bool(accumulator & constant),
            }
            place += if_true if tests[code] else if_false


@pytest.fixture(params=sorted(ARCHITECTURES))
def machine(request: pytest.FixtureRequest) -> Architecture:
    return ARCHITECTURES[request.param]


def test_the_filter_stops_what_the_table_says(machine: Architecture) -> None:
    values = (0, 1, 3, 5, 8, 9, 0x20, 0x5401, 0x541B, 1030, 1 << 31)
    for number in range(500):
        call = machine.name_of(number)
        for place in range(6):
            for value in values:
                arguments = tuple(value if place == index else 0 for index in range(6))
                expected = NOTIFY if line_of(call, arguments).stops else ALLOW
                assert decide(machine, number, arguments) == expected, (call, arguments)


def test_names_and_life_are_gates_whatever_their_arguments(machine: Architecture) -> None:
    for call in ("openat", "unlinkat", "ftruncate", "execve", "exit_group", "set_robust_list"):
        assert decide(machine, machine.numbers[call]) == NOTIFY


def test_mappings_of_files_are_gates(machine: Architecture) -> None:
    mmap = machine.numbers["mmap"]
    assert decide(machine, mmap, (0, 4096, 3, 0x01, 5)) == NOTIFY  # MAP_SHARED
    assert decide(machine, mmap, (0, 4096, 3, 0x03, 5)) == NOTIFY  # MAP_SHARED_VALIDATE
    assert decide(machine, mmap, (0, 4096, 3, 0x22, -1 & (1 << 64) - 1)) == ALLOW  # anonymous
    assert decide(machine, mmap, (0, 4096, 3, 0x02, 5)) == NOTIFY  # MAP_PRIVATE


def test_futex_waits_are_gates_and_wakes_are_not(machine: Architecture) -> None:
    futex = machine.numbers["futex"]
    private, realtime = 128, 256
    for waiting in (0, 9, 6):
        assert decide(machine, futex, (0, waiting | private | realtime)) == NOTIFY
    for waking in (1, 10, 3):
        assert decide(machine, futex, (0, waking | private)) == ALLOW


def test_locks_are_gates_and_other_fcntl_calls_are_not(machine: Architecture) -> None:
    fcntl = machine.numbers["fcntl"]
    assert decide(machine, fcntl, (3, 7)) == NOTIFY  # F_SETLKW
    assert decide(machine, fcntl, (3, 1030)) == ALLOW  # F_DUPFD_CLOEXEC, which CPython calls


def test_foreign_tables_and_the_primitives_reach_the_orchestrator(machine: Architecture) -> None:
    assert decide(machine, 10, audit=0x40000003) == NOTIFY  # i386
    assert decide(machine, PRIMITIVE_NUMBER) == NOTIFY
    if machine.has_x32:
        assert decide(machine, 0x40000000 | 87) == NOTIFY


def test_what_is_no_gate_is_allowed(machine: Architecture) -> None:
    unused = {"x86_64": (12, 39), "aarch64": (214, 172)}  # brk, getpid
    for number in unused[machine.name]:
        assert decide(machine, number) == ALLOW


def test_a_call_of_a_newer_kernel_is_a_gate(machine: Architecture) -> None:
    for number in (470, 600, 999, 1 << 20):
        assert decide(machine, number) == NOTIFY


def test_a_filter_for_a_trial_stops_only_the_calls_of_the_harness(machine: Architecture) -> None:
    assert decide(machine, PRIMITIVE_NUMBER, trial=True) == NOTIFY
    assert decide(machine, machine.numbers["openat"], trial=True) == ALLOW
