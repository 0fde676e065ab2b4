"""The filter that makes system calls into gates, and its installation.

A classic BPF program that answers ``SECCOMP_RET_USER_NOTIF`` for the calls of the chosen tiers,
some of them only for certain arguments, and allows everything else.  Calls through a foreign
table (i386, x32) reach the orchestrator too, which refuses them.  The filter is inherited by
whatever is forked or executed; it must never be installed in the orchestrator, which would wait
for itself.  Source: seccomp(2), seccomp_unotify(2), linux/filter.h.
"""

import struct
from collections.abc import Iterable

from shmrace.linux import libc
from shmrace.linux.decode import MAP_ANONYMOUS, SHAPES
from shmrace.linux.syscalls import PRIMITIVE_NUMBER, TIERS, Architecture, native

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENTS = 0, 4, 16

_FUTEX_WAITS = (0, 6, 9, 11, 13)  # WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2
_LOCK_COMMANDS = (5, 6, 7, 36, 37, 38)  # F_GETLK, F_SETLK, F_SETLKW and their F_OFD_ forms
_FIONREAD = 0x541B
_X32_BIT = 0x40000000
_FROM_DESCRIPTOR_THREE = frozenset(
    "read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2".split()
)


def build(tiers: Iterable[str] = tuple(TIERS), architecture: Architecture | None = None) -> bytes:
    """The BPF program for these tiers: 8 bytes an instruction; raises `KeyError` for a tier
    that does not exist."""
    machine = architecture or native()
    program = [_instruction(_LOAD, _OFFSET_ARCH)]
    program += _notify_unless(_EQUAL, machine.audit)
    program.append(_instruction(_LOAD, _OFFSET_NUMBER))
    program += _notify_if_equal(PRIMITIVE_NUMBER)
    if machine.has_x32:
        program += [_instruction(_ANY_BIT, _X32_BIT, 0, 1), _instruction(_RETURN, _NOTIFY)]
    for tier in tiers:
        for call in sorted(TIERS[tier]):
            if call in machine.numbers:
                program += _one_call(call, machine.numbers[call])
    program.append(_instruction(_RETURN, _ALLOW))
    return b"".join(program)


def install(program: bytes) -> int:
    """Filter this process and all that it will start; the listener's descriptor.

    Raises `OSError`: `EBUSY` where a container's runtime holds a listener already, `EINVAL` or
    `ENOSYS` where the kernel has none.
    """
    no_new_privileges, set_mode_filter, new_listener = 38, 1, 1 << 3
    libc.prctl(no_new_privileges, 1)
    code = libc.buffer(program)
    header = libc.buffer(struct.pack("HxxxxxxQ", len(program) // 8, libc.address(code)))
    with libc.refused_by("seccomp"):
        return libc.syscall(native().numbers["seccomp"], set_mode_filter, new_listener, header)


def _instruction(code: int, constant: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, constant)


def _notify_unless(test: int, constant: int) -> list[bytes]:
    return [_instruction(test, constant, 1, 0), _instruction(_RETURN, _NOTIFY)]


def _notify_if_equal(constant: int) -> list[bytes]:
    return [_instruction(_EQUAL, constant, 0, 1), _instruction(_RETURN, _NOTIFY)]


def _one_call(call: str, number: int) -> list[bytes]:
    condition = _condition(call)
    if not condition:
        return _notify_if_equal(number)
    body = [*condition, _instruction(_RETURN, _ALLOW)]
    return [_instruction(_EQUAL, number, 0, len(body)), *body]


def _argument(index: int) -> bytes:
    return _instruction(_LOAD, _OFFSET_ARGUMENTS + 8 * index)


def _condition(call: str) -> list[bytes]:
    """What of a call's arguments decides that it is a gate; empty: it always is."""
    if call == "mmap":  # of a file
        return [_argument(3), *_notify_unless(_ANY_BIT, MAP_ANONYMOUS)]
    process = SHAPES[call].process
    if process is not None:  # 0 is the caller itself
        return [_argument(process), *_notify_unless(_EQUAL, 0)]
    if call in _FROM_DESCRIPTOR_THREE:
        return [_argument(0), _instruction(_AT_LEAST, 3, 0, 1), _instruction(_RETURN, _NOTIFY)]
    if call == "futex":
        body = [_argument(1), _instruction(_AND, 0x7F)]
        for operation in _FUTEX_WAITS:
            body += _notify_if_equal(operation)
        return body
    if call == "fcntl":
        body = [_argument(1)]
        for command in _LOCK_COMMANDS:
            body += _notify_if_equal(command)
        return body
    if call == "ioctl":  # asks how much a pipe or socket holds: a look without a read
        return [_argument(1), *_notify_if_equal(_FIONREAD)]
    return []
