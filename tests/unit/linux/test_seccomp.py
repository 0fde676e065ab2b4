"""The filter, run through an interpreter of classic BPF: which calls are gates."""

import struct

import pytest

from shmrace.linux.decode import SHAPES
from shmrace.linux.seccomp import build
from shmrace.linux.syscalls import ARCHITECTURES, PRIMITIVE_NUMBER, TIERS, Architecture

ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000


def decide(
    machine: Architecture, number: int, arguments: tuple[int, ...] = (), audit: int | None = None,
    tiers: tuple[str, ...] = tuple(TIERS),
) -> int:  # fmt: skip
    """What the kernel would do with a call: the filter's return value."""
    program = build(tiers, machine)
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


def test_every_call_of_every_tier_has_a_shape_and_a_number_somewhere() -> None:
    named = {call for tier in TIERS.values() for call in tier}
    assert named == set(SHAPES)
    assert all(any(call in one.numbers for one in ARCHITECTURES.values()) for call in named)


def test_names_and_life_are_gates_whatever_their_arguments(machine: Architecture) -> None:
    for call in ("openat", "unlinkat", "ftruncate", "execve", "exit_group", "set_robust_list"):
        assert decide(machine, machine.numbers[call]) == NOTIFY


def test_mappings_of_files_are_gates(machine: Architecture) -> None:
    mmap = machine.numbers["mmap"]
    assert decide(machine, mmap, (0, 4096, 3, 0x01, 5)) == NOTIFY  # MAP_SHARED
    assert decide(machine, mmap, (0, 4096, 3, 0x03, 5)) == NOTIFY  # MAP_SHARED_VALIDATE
    assert decide(machine, mmap, (0, 4096, 3, 0x22, -1 & (1 << 64) - 1)) == ALLOW  # anonymous
    assert decide(machine, mmap, (0, 4096, 3, 0x02, 5)) == NOTIFY  # MAP_PRIVATE


def test_standard_streams_are_no_gates(machine: Architecture) -> None:
    for call in ("read", "write"):
        assert decide(machine, machine.numbers[call], (2,)) == ALLOW
        assert decide(machine, machine.numbers[call], (3,)) == NOTIFY


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
    unused = {"x86_64": (32, 12, 39), "aarch64": (23, 214, 172)}  # dup, brk, getpid
    for number in unused[machine.name]:
        assert decide(machine, number) == ALLOW


def test_a_filter_traps_only_the_tiers_it_is_built_with(machine: Architecture) -> None:
    openat, nanosleep = machine.numbers["openat"], machine.numbers["clock_nanosleep"]
    assert decide(machine, openat, tiers=("names",)) == NOTIFY
    assert decide(machine, nanosleep, tiers=("names",)) == ALLOW
    with pytest.raises(KeyError):
        build(("nothing",), machine)
